import type { Response } from "express";
import type { Rejection } from "../../core/domain/errors.ts";
import { httpStatus } from "../../core/protocol/codes.ts";
import type { Problem } from "../../core/protocol/rest.ts";

/** Where the code is explained: a reference, relative to the address that was asked (RFC 9457, 3.1.1). */
export function problemType(code: string): string {
  return `/v1/problems/${code}`;
}

/** Answers with RFC 9457's form of a refusal. `requestId` lets our operators find it in the log. */
export function sendProblem(response: Response, rejection: Rejection, requestId: string): void {
  const { code, message, retryAfterMs, first, challenge } = rejection;
  const status = httpStatus[code];
  const problem: Problem = {
    type: problemType(code),
    title: titleOf(code),
    status,
    code,
    detail: message,
    instance: `urn:hugmedo:request:${requestId}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(first === undefined ? {} : { first }),
    ...(challenge === undefined ? {} : { challenge }),
  };
  if (retryAfterMs !== undefined) response.set("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
  if (status === 401) response.set("www-authenticate", 'Bearer realm="hugmedo"');
  response.status(status).type("application/problem+json").send(JSON.stringify(problem));
}

/** `room_not_found` → "Room not found". */
export function titleOf(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
