import { type DestinationStream, type Logger, pino } from "pino";

export type { Logger };

/** Whatever could identify a person or let somebody in; struck out wherever it is logged. */
const secrets = [
  "password",
  "token",
  "access_token",
  "refresh_token",
  "authorization",
  "cookie",
  "_authToken",
  "body",
  "title",
  "name",
];

/** JSON lines on standard output. Every line of a room carries kind, room and epoch (see `child`). */
export function createLogger(options: { level: string; destination?: DestinationStream }): Logger {
  const paths = secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `req.headers.${key}`]);
  return pino(
    {
      level: options.level,
      base: { pid: process.pid },
      redact: { paths, censor: "[redacted]" },
      serializers: { err: errorForLog, error: errorForLog },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

/** Name, code and stack; no properties that a driver may have put the offending row into. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { type: error.name, ...code, message: error.message, stack: error.stack };
}
