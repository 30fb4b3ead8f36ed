import { type DestinationStream, type Logger, pino } from "pino";
import type { RoomRef } from "../domain/room.ts";
import { currentRequest } from "./telemetry/request-scope.ts";

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
  "email",
  "phone",
  "address",
  "identity",
  "location",
  "emergencyContact",
];

export interface LoggerOptions {
  readonly level: string;
  /** The process's id in the cluster: every line carries it. */
  readonly process?: string;
  /** Standard output by default. */
  readonly destination?: DestinationStream;
}

/** JSON lines. Those of what a request set off carry its id. Those of a room carry its kind, its id and the epoch under which it is owned: see `roomLogger`. */
export function createLogger(options: LoggerOptions): Logger {
  const paths = secrets.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `req.headers.${key}`]);
  return pino(
    {
      level: options.level,
      base: { pid: process.pid, ...(options.process === undefined ? {} : { process: options.process }) },
      redact: { paths, censor: "[redacted]" },
      mixin: () => {
        const requestId = currentRequest();
        return requestId === undefined ? {} : { requestId };
      },
      serializers: { err: errorForLog, error: errorForLog },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

/** The log of one room; its lines carry the epoch that the room has when they are written. */
export function roomLogger(log: Logger, { kind, id }: RoomRef, epoch: () => number): () => Logger {
  let bound: { readonly epoch: number; readonly log: Logger } | null = null;
  return () => {
    const current = epoch();
    if (bound?.epoch !== current) bound = { epoch: current, log: log.child({ kind, id, epoch: current }) };
    return bound.log;
  };
}

/** Name, code and stack; no properties that a driver may have put the offending row into. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { type: error.name, ...code, message: error.message, stack: error.stack };
}
