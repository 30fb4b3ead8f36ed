import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";

/** Why a socket that was closed with `code` stays closed; null: join again. */
export function closeReason(code: number): Rejection | null {
  switch (code) {
    case closeCodes.sessionEnded:
      return rejection("session_ended");
    case closeCodes.removed:
      return rejection("room_not_found");
    case closeCodes.abusive:
      return rejection("rate_limited");
    default:
      return null;
  }
}
