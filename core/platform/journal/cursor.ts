import { DomainError } from "../../domain/errors.ts";
import type { FeedCursor } from "./feed.ts";

const largestTx = 2n ** 64n - 1n;

/** A place in the feed as a text that callers pass back unread. The digit in front is for a form that may come one day. */
export function writeCursor({ tx, position }: FeedCursor): string {
  return Buffer.from(`1.${tx}.${position}`).toString("base64url");
}

/** Throws `invalid_payload` for what we never gave out. */
export function readCursor(text: string): FeedCursor {
  const [, tx = "", place = ""] =
    /^1\.(\d{1,20})\.(\d{1,16})$/.exec(Buffer.from(text, "base64url").toString("latin1")) ?? [];
  const position = Number(place);
  if (tx === "" || BigInt(tx) > largestTx || !Number.isSafeInteger(position))
    throw new DomainError("invalid_payload", "after: not a cursor of the events");
  return { tx, position };
}
