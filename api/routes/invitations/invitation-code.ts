import { createHash } from "node:crypto";

/** What an invitation's code says by its form alone; whether it is one of ours the visit knows. */
export interface ShownCode {
  readonly visit: string;
  readonly invitation: string;
  /** What the visit keeps of the code. */
  readonly hash: string;
}

/** `<visit>.<invitation>.<secret>` */
const form = /^([a-z0-9-]{1,32})\.([a-f0-9]{16})\.[A-Za-z0-9_-]{16,128}$/;

/** null: not of a code's form. */
export function readCode(code: string): ShownCode | null {
  const [, visit, invitation] = form.exec(code) ?? [];
  if (visit === undefined || invitation === undefined) return null;
  return { visit, invitation, hash: createHash("sha256").update(code).digest("base64url") };
}

/** The person who comes by an invitation: the same one whenever it is accepted, and nobody else's id. */
export function guestOf(visit: string, invitation: string): string {
  return `g-${createHash("sha256").update(`guest\n${visit}\n${invitation}`).digest("hex").slice(0, 30)}`;
}

/**
 * The id of the visit's own request. It follows from the guest's and from the code, so that a repeat is one
 * there too, and nobody else's request can be taken for it.
 */
export function acceptanceId(code: string, request: string): string {
  return `accept_${createHash("sha256").update(`${code}\n${request}`).digest("hex").slice(0, 48)}`;
}
