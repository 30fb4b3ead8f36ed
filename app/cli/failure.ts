/** What scripts can tell by. */
export const exitCodes = {
  done: 0,
  /** Refused by the server, or begun and not brought to its end. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  timedOut: 4,
  /** By Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command that ends without being done. The message says what to do next. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;
  /** A code of the API, or one of ours: `usage`, `unreachable`, `timed_out`, `interrupted`, … */
  readonly code: string;
  /** How far it came, for `--json`. */
  readonly detail: object;

  constructor(exitCode: ExitCode, code: string, message: string, detail: object = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
    this.code = code;
    this.detail = detail;
  }
}

export function usage(message: string): Failure {
  return new Failure(exitCodes.usage, "usage", message);
}
