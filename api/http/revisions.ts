import { DomainError } from "../../core/domain/errors.ts";

/** The entity tag of a revision (RFC 9110, 8.8.3): a strong one, as If-Match compares no others. */
export function entityTag(revision: string | number): string {
  return `"${revision}"`;
}

const tag = /^(W\/)?"([\x21\x23-\x7e]*)"$/;

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
  return parseTags(header, "If-Match").flatMap(({ weak, revision }) => (weak ? [] : [revision]));
}

/** Whether the caller has this revision already (RFC 9110, 13.1.2: weak comparison). What is no list of tags matches nothing. */
export function isKnown(header: string | undefined, revision: string | number): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((part) => tag.exec(part.trim())?.[2] === String(revision));
}

function parseTags(header: string, name: string): { readonly weak: boolean; readonly revision: string }[] {
  return header.split(",").map((part) => {
    const [, weak, revision] = tag.exec(part.trim()) ?? [];
    if (revision === undefined)
      throw new DomainError("invalid_payload", `${name}: an ETag as it was given, in its quotes.`);
    return { weak: weak !== undefined, revision };
  });
}

/** Throws `precondition_failed` unless `revision` is one of those allowed. For changes that are checked where they are made. */
export function assertRevision(allowed: readonly string[] | null, revision: string | number): void {
  if (allowed && !allowed.includes(String(revision))) throw new DomainError("precondition_failed");
}
