import { once } from "node:events";
import express, { type Request, type Response } from "express";
import { DomainError } from "../../core/domain/errors.ts";

const mediaType = "application/octet-stream";

/** The request's body as it came. Throws `unsupported_media_type`, `payload_too_large`, `invalid_payload`. */
export async function readBytes(request: Request, response: Response, limit: number): Promise<Buffer> {
  if (!request.is(mediaType)) throw new DomainError("unsupported_media_type");
  const parser = express.raw({ type: mediaType, limit, inflate: false });
  await new Promise<void>((resolve, reject) => {
    parser(request, response, (error) => (error ? reject(toDomainError(error)) : resolve()));
  });
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body)) throw new DomainError("invalid_payload", "The request has no body.");
  return body;
}

function toDomainError(error: unknown): DomainError {
  const type = typeof error === "object" && error !== null && "type" in error ? error.type : undefined;
  if (type === "entity.too.large") return new DomainError("payload_too_large");
  if (type === "encoding.unsupported") return new DomainError("unsupported_media_type");
  return new DomainError("invalid_payload", "The request's body could not be read.");
}

/**
 * Sends them as fast as the client takes them. What fails before the first is still answered as a refusal. Pieces that say so
 * (`stallMs`) are not kept for a client that takes nothing for so long: its connection is cut.
 */
export async function sendBytes(response: Response, status: number, pieces: AsyncIterable<Uint8Array>) {
  let begun = false;
  for await (const piece of pieces) {
    if (!begun) response.status(status);
    begun = true;
    if (response.destroyed) return;
    if (!response.write(piece)) await taken(response, stallMsOf(pieces));
  }
  if (!begun) response.status(status);
  response.end();
}

async function taken(response: Response, stallMs: number | null): Promise<void> {
  const done = new AbortController();
  const timer = stallMs === null ? undefined : setTimeout(() => response.destroy(), stallMs);
  const { signal } = done;
  const settled = [once(response, "drain", { signal }), once(response, "close", { signal })];
  await Promise.race(settled);
  clearTimeout(timer);
  done.abort();
  await Promise.allSettled(settled);
}

function stallMsOf(pieces: AsyncIterable<Uint8Array>): number | null {
  return "stallMs" in pieces && typeof pieces.stallMs === "number" ? pieces.stallMs : null;
}

/** `first` and `last` are included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** The part that a Range header asks for: null is everything, also for forms that we do not take (RFC 9110). */
export function rangeOf(header: string | undefined, length: number): ByteRange | "unsatisfiable" | null {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return null;
  const first = from === "" ? Math.max(0, length - Number(to)) : Number(from);
  const last = from === "" || to === "" ? length - 1 : Math.min(Number(to), length - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return null;
  return first > last ? "unsatisfiable" : { first, last };
}
