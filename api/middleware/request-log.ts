import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";
import type { ErrorCode } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";

/** What is noted of a request while it is served. */
export interface RequestNotes {
  readonly id: string;
  /** The operation's path as documented; null: none matched. */
  route: string | null;
  code: ErrorCode | null;
}

const notes = new WeakMap<Request, RequestNotes>();
const acceptableId = /^[A-Za-z0-9._-]{8,64}$/;

export function notesOf(request: Request): RequestNotes {
  const known = notes.get(request);
  if (known) return known;
  const given = request.get("x-request-id") ?? "";
  const fresh = { id: acceptableId.test(given) ? given : randomUUID(), route: null, code: null };
  notes.set(request, fresh);
  return fresh;
}

/**
 * Gives every request an id and logs how it ended. Addresses are logged as documented, without what was
 * filled in, so no query, token or name gets into the log.
 */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    const noted = notesOf(request);
    response.set("x-request-id", noted.id);
    response.once("close", () => {
      const ms = Math.round((performance.now() - start) * 10) / 10;
      const { id: requestId, route, code } = noted;
      const status = response.writableFinished ? response.statusCode : "aborted";
      logger.info(
        { requestId, method: request.method, route, status, code: code ?? undefined, ms },
        "request",
      );
    });
    next();
  };
}
