import type { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";

/** Where the next page of a list begins, as a text that callers pass back unread. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** Throws `invalid_payload` for what we never gave out. */
export function decodeCursor<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new DomainError("invalid_payload", "after: not a cursor of this list", { cause });
  }
}
