import { createHash } from "node:crypto";
import { DomainError } from "../../core/domain/errors.ts";

/**
 * The entity tag of a reply (RFC 9110, 8.8.3), a strong one: the revision of what can be changed of it, and a hash of all that it
 * shows. If-None-Match compares all of it; If-Match the revision, so that nobody's change is refused for something else that
 * happened.
 */
export function entityTag(revision: string | number, reply: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify(reply)).digest("base64url").slice(0, 16);
  return `"${revision}.${hash}"`;
}

const tag = /^(W\/)?"([\x21\x23-\x7e]{0,200})"$/;
const tagsAtMost = 20;

/**
 * The revisions that If-Match allows a change of; null: any (RFC 9110, 13.1.1). Weak tags match nothing.
 * Throws `invalid_payload`, and `precondition_required` where one is needed and none was sent.
 */
export function allowedRevisions(header: string | undefined, required: boolean): readonly string[] | null {
  if (header === undefined) {
    if (required) throw new DomainError("precondition_required");
    return null;
  }
  if (header.trim() === "*") return null;
  const parts = header.split(",");
  if (parts.length > tagsAtMost) throw new DomainError("invalid_payload", "If-Match: 20 ETags at most.");
  return parts.flatMap((part) => {
    const [, weak, opaque] = tag.exec(part.trim()) ?? [];
    if (opaque === undefined) {
      throw new DomainError("invalid_payload", "If-Match: an ETag as it was given, in its quotes.");
    }
    return weak === undefined ? [opaque.replace(/\.[\w-]*$/, "").slice(0, 64)] : [];
  });
}

/** Whether the caller has this already (RFC 9110, 13.1.2: weak comparison). What is no list of tags matches nothing. */
export function isKnown(header: string | undefined, current: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((part) => part.trim() === "*" || part.trim().replace(/^W\//, "") === current);
}
