import { isUtf8 } from "node:buffer";
import express, { type Request, type Response } from "express";
import { DomainError } from "../../core/domain/errors.ts";

const limit = 1_048_576;
/** Deeper than any request of ours; keeps what walks over it from running out of stack. */
const maxDepth = 64;

const parser = express.json({
  limit,
  inflate: false,
  verify: (_request, _response, bytes, charset) => {
    if (charset !== "utf-8") throw new DomainError("unsupported_media_type");
    if (!isUtf8(bytes)) throw new DomainError("invalid_payload", "The request is not UTF-8.");
  },
});

/**
 * The request's JSON body; undefined when it has none. Throws `unsupported_media_type`,
 * `payload_too_large`, `invalid_payload`.
 */
export async function readJson(request: Request, response: Response): Promise<unknown> {
  if (hasBody(request) && !request.is("application/json")) throw new DomainError("unsupported_media_type");
  await new Promise<void>((resolve, reject) => {
    parser(request, response, (error) => (error ? reject(toDomainError(error)) : resolve()));
  });
  const body: unknown = request.body;
  refuseHostile(body);
  return body;
}

function hasBody({ headers }: Request): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** The parser's own words quote the body, so they go nowhere. */
function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const type = typeof error === "object" && error !== null && "type" in error ? error.type : undefined;
  if (type === "entity.too.large") return new DomainError("payload_too_large");
  if (type === "charset.unsupported" || type === "encoding.unsupported") {
    return new DomainError("unsupported_media_type");
  }
  return new DomainError("invalid_payload", "The request's body is not a JSON object.");
}

/** No form of ours has these, at any depth: a key that could reach a prototype, or endless nesting. */
function refuseHostile(body: unknown): void {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new DomainError("invalid_payload", "The request is nested too deeply.");
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null) continue;
      if (Object.hasOwn(value, "__proto__")) throw new DomainError("invalid_payload");
      for (const inner of Object.values(value)) next.push(inner);
    }
    level = next;
  }
}
