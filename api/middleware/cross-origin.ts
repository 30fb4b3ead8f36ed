import type { RequestHandler } from "express";

const allowed = {
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers":
    "authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, x-hugmedo-csrf, x-request-id",
  "access-control-expose-headers":
    "deprecation, etag, idempotent-replayed, link, location, ratelimit, ratelimit-policy, retry-after, sunset, x-request-id",
  "access-control-allow-credentials": "true",
  "access-control-max-age": "600",
};

/**
 * Lets the pages of these origins use the API, and no other page: whatever was allowed before us is taken
 * back, because the server in front of this app allows every origin.
 */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    for (const name of response.getHeaderNames()) {
      if (name.startsWith("access-control-")) response.removeHeader(name);
    }
    response.vary("origin");
    const origin = request.get("origin");
    if (origin !== undefined && origins.includes(origin)) {
      response.set({ ...allowed, "access-control-allow-origin": origin });
      if (request.method === "OPTIONS") return void response.status(204).end();
    }
    next();
  };
}
