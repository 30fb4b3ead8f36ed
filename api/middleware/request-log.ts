import { randomUUID } from "node:crypto";
import type { Request, RequestHandler } from "express";
import type { ErrorCode } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { withRequest } from "../../core/platform/telemetry/request-scope.ts";

/** What is noted of a request while it is served. */
export interface RequestNotes {
  readonly id: string;
  /** The operation's path as documented; null: none matched. */
  route: string | null;
  code: ErrorCode | null;
}

const notes = new WeakMap<Request, RequestNotes>();
const acceptableId = /^[A-Za-z0-9._-]{8,64}$/;
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

export function notesOf(request: Request): RequestNotes {
  const known = notes.get(request);
  if (known) return known;
  const fresh = { id: givenId(request) ?? randomUUID(), route: null, code: null };
  notes.set(request, fresh);
  return fresh;
}

/** The caller's own id, else that of the trace it belongs to (https://www.w3.org/TR/trace-context/); null: neither. */
function givenId(request: Request): string | null {
  const given = request.get("x-request-id") ?? "";
  if (acceptableId.test(given)) return given;
  const trace = traceparent.exec(request.get("traceparent") ?? "")?.[1];
  return trace === undefined || /^0+$/.test(trace) ? null : trace;
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
    withRequest(noted.id, next);
  };
}
