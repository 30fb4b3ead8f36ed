import type { ErrorCode } from "../../../core/domain/errors.ts";

/** What any command of any room may be refused with. */
export const commandErrors = [
  "room_not_found",
  "forbidden",
  "command_conflict",
  "rate_limited",
  "busy",
  "room_closed",
  "unavailable",
] as const satisfies readonly ErrorCode[];
