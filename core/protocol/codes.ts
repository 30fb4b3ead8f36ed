import type { ErrorCode } from "../domain/errors.ts";

/** The HTTP status of every error code, also for a refused join. */
export const httpStatus: Readonly<Record<ErrorCode, number>> = {
  invalid_payload: 400,
  unknown_request: 404,
  unauthenticated: 401,
  credentials_rejected: 401,
  session_ended: 401,
  csrf_rejected: 403,
  forbidden: 403,
  not_found: 404,
  room_not_found: 404,
  room_closed: 503,
  person_not_found: 422,
  command_conflict: 409,
  already_exists: 409,
  body_empty: 422,
  body_too_long: 422,
  body_malformed: 422,
  attachments_unsupported: 422,
  message_not_found: 422,
  message_deleted: 422,
  seq_out_of_range: 422,
  last_admin: 422,
  member_limit: 422,
  rate_limited: 429,
  busy: 503,
  payload_too_large: 413,
  unsupported_media_type: 415,
  method_not_allowed: 405,
  unavailable: 503,
  internal: 500,
};

/**
 * WebSocket close codes of our own (RFC 6455 keeps 4000–4999 for applications; Colyseus uses 4000–4010).
 * `rejoin`: join again, now or after a moment; the room lives on elsewhere. The others are final.
 */
export const closeCodes = {
  rejoin: 4100,
  sessionEnded: 4101,
  removed: 4102,
  abusive: 4103,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
