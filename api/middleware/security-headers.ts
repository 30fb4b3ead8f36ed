import type { RequestHandler } from "express";

export interface SecurityOptions {
  /** CSP sources of inline scripts, like `'sha256-…'`. */
  readonly scriptHashes: readonly string[];
  /** Where else than to us the page may open connections. */
  readonly connect: readonly string[];
}

/** Says to browsers what our pages may do: run our own scripts, talk to us, use camera and microphone. */
export function securityHeaders({ scriptHashes, connect }: SecurityOptions): RequestHandler {
  const policy = [
    "default-src 'self'",
    ["script-src 'self'", ...scriptHashes].join(" "),
    // Svelte's transitions and the documentation page set styles on elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    ["connect-src 'self'", ...connect].join(" "),
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  return (request, response, next) => {
    response.set({
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    });
    if (request.secure) response.set("strict-transport-security", "max-age=31536000");
    if (request.path.startsWith("/v1/")) response.set("cache-control", "no-store");
    next();
  };
}
