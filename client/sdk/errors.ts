import {
  DomainError,
  type ErrorCode,
  type Forerunner,
  isErrorCode,
  type Rejection,
  rejection,
} from "../../core/domain/errors.ts";

/** The one error the SDK throws. `code` is one of a closed set, the same as on the wire. */
export class HugMeDoError extends DomainError {
  override readonly name = "HugMeDoError";
}

/** Neither the request nor the person is at fault: the same request may well pass in a while. */
const passing: readonly ErrorCode[] = ["busy", "rate_limited", "unavailable", "room_closed", "internal"];

export function isPassing(code: ErrorCode): boolean {
  return passing.includes(code);
}

/** Nothing answered: the device or the server cannot be reached. */
export function unreachable(cause?: unknown): HugMeDoError {
  return new HugMeDoError("unavailable", undefined, { cause });
}

export function fromRejection({ code, message, ...rest }: Rejection): HugMeDoError {
  return new HugMeDoError(code, message, rest);
}

/** Reads `{ code, message, retryAfterMs?, first? }` as it came over the wire; null when it is not of that form. */
export function parseRejection(value: unknown): Rejection | null {
  if (typeof value !== "object" || value === null || !("code" in value) || !isErrorCode(value.code))
    return null;
  const message = "message" in value && typeof value.message === "string" ? value.message : undefined;
  const pause =
    "retryAfterMs" in value && typeof value.retryAfterMs === "number" ? value.retryAfterMs : undefined;
  const refused = rejection(value.code, message, pause);
  const first = "first" in value ? parseForerunner(value.first) : null;
  const challenge = "challenge" in value && typeof value.challenge === "string" ? value.challenge : undefined;
  return { ...refused, ...(first && { first }), ...(challenge !== undefined && { challenge }) };
}

function parseForerunner(value: unknown): Forerunner | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("person" in value && "name" in value && "at" in value)) return null;
  const { person, name, at } = value;
  const whole = typeof person === "string" && typeof name === "string" && typeof at === "number";
  return whole ? { person, name, at } : null;
}

/**
 * Reads why a join was refused: `code`, `code: message`, or the rejection as JSON. null when it names no code
 * of ours.
 */
export function parseRefusal(text: string): Rejection | null {
  if (text.startsWith("{")) return parseRejection(tryJson(text));
  const [, code, message] = /^([a-z_]+)\s*(?::\s*(.*))?$/s.exec(text) ?? [];
  return isErrorCode(code) ? rejection(code, message || undefined) : null;
}

/** The parsed text; null when it is not JSON. */
export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Any thrown value as an error of ours; what is not ours becomes `internal`. */
export function toHugMeDoError(error: unknown): HugMeDoError {
  return error instanceof HugMeDoError ? error : new HugMeDoError("internal", undefined, { cause: error });
}
