import { ServerError } from "@colyseus/core";
import type { Rejection } from "../../core/domain/errors.ts";
import { httpStatus } from "../../core/protocol/codes.ts";

/** A join's refusal, as the matchmaker and the socket both can carry it. */
export function refusedJoin({ code, message }: Rejection): ServerError {
  return new ServerError(httpStatus[code], `${code}: ${message}`);
}
