import { isUtf8 } from "node:buffer";
import express, { type Request, type Response } from "express";
import { DomainError } from "../../core/domain/errors.ts";
import { findJsonFault } from "./json-text.ts";

const limit = 1_048_576;

const parser = express.raw({ type: "application/json", limit, inflate: false });

/**
 * The request's JSON body, or the form that was read in its place; undefined when it has none. Throws `unsupported_media_type`,
 * `payload_too_large`, `invalid_payload`.
 */
export async function readJson(request: Request, response: Response): Promise<unknown> {
  const form: unknown = request.body;
  if (form !== undefined) return form;
  if (hasBody(request) && !isJson(request)) throw new DomainError("unsupported_media_type");
  await new Promise<void>((resolve, reject) => {
    parser(request, response, (error) => (error ? reject(toDomainError(error)) : resolve()));
  });
  const bytes: unknown = request.body;
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? parse(bytes) : undefined;
}

function hasBody({ headers }: Request): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** JSON is UTF-8 (RFC 8259, 8.1), whatever else it says. */
function isJson(request: Request): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.get("content-type") ?? "")?.[1];
  return Boolean(request.is("application/json")) && (charset === undefined || /^utf-?8$/i.test(charset));
}

function parse(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new DomainError("invalid_payload", "The request is not UTF-8.");
  const text = bytes.toString();
  const body = parseText(text);
  if (typeof body !== "object" || body === null) throw notAnObject();
  const fault = findJsonFault(text);
  if (fault === "deep") throw new DomainError("invalid_payload", "The request is nested too deeply.");
  if (fault === "duplicate") {
    throw new DomainError("invalid_payload", "The request has a field twice. Send each once.");
  }
  if (fault === "prototype") throw new DomainError("invalid_payload");
  return body;
}

/** The parser's own words quote the body, so they go nowhere. A byte order mark is no JSON either. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notAnObject();
  }
}

const notAnObject = () => new DomainError("invalid_payload", "The request's body is not a JSON object.");

function toDomainError(error: unknown): DomainError {
  const type = typeof error === "object" && error !== null && "type" in error ? error.type : undefined;
  if (type === "entity.too.large") return new DomainError("payload_too_large");
  if (type === "encoding.unsupported") return new DomainError("unsupported_media_type");
  return new DomainError("invalid_payload", "The request's body could not be read.");
}
