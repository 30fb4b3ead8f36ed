import { createHash } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { IdempotencyKeys } from "../../core/platform/repositories/idempotency-keys.ts";
import { commandId } from "../../core/protocol/conversation.ts";

/** What is kept of an answer and given again. */
const keptReply = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});
export type KeptReply = z.infer<typeof keptReply>;
/** With what its sender was allowed it. */
const keptWith = keptReply.extend({ by: z.array(z.string()).default([]) });

const quoted = /^"([\x21\x23-\x5b\x5d-\x7e]{1,255})"$/;
const bare = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255}$/;
const retryAfterMs = 1_000;

/**
 * The request's key; null: none. A structured string, or the same without its quotes.
 * Source: draft-ietf-httpapi-idempotency-key-header-06.
 */
export function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = quoted.exec(header)?.[1] ?? (bare.test(header) ? header : undefined);
  if (key === undefined) {
    throw new DomainError(
      "invalid_payload",
      "Idempotency-Key: 1 to 255 characters of ASCII, in double quotes.",
    );
  }
  return key;
}

/** Whether a body carries the id of a room's request, under which rooms recognise repeats by themselves. */
export function takesCommandId(body: z.ZodType | undefined): boolean {
  const object = body instanceof z.ZodOptional ? body.unwrap() : body;
  if (!(object instanceof z.ZodObject)) return false;
  const id: unknown = object.shape.id;
  return id === commandId || (id instanceof z.ZodOptional && id.unwrap() === commandId);
}

/** The body with the id that follows from the key, unless it has one of its own. */
export function withCommandId(body: unknown, operation: string, key: string): unknown {
  if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body))) return body;
  const hash = createHash("sha256").update(`${operation}\n${key}`).digest("base64url");
  return { id: `key_${hash}`, ...body };
}

interface Keyed {
  readonly principal: Principal;
  readonly operation: string;
  readonly key: string;
  readonly content: string;
}

/** What somebody may do is made of these. */
function meansOf({ roles, scopes = [] }: Principal): string[] {
  return [...roles, ...scopes.map((scope) => `scope ${scope}`)];
}

/**
 * Does the work once, whoever sends it however often, and answers repeats with the first reply. Refusals are not kept. Whoever has
 * lost a role or a scope since, which is not asked about again, gets no reply from when they had it: `forbidden`.
 */
export async function once(
  keys: Pick<IdempotencyKeys, "claim">,
  { principal, ...request }: Keyed,
  work: () => Promise<KeptReply>,
): Promise<KeptReply & { readonly replayed: boolean }> {
  const { org, id } = principal;
  const by = meansOf(principal);
  const claimed = await keys.claim({ org, principal: id, ...request });
  if (claimed.is === "mismatch") throw new DomainError("idempotency_mismatch");
  if (claimed.is === "in_progress") throw new DomainError("request_in_progress", undefined, { retryAfterMs });
  if (claimed.is === "done") {
    const { by: then, ...kept } = keptWith.parse(JSON.parse(claimed.reply));
    if (!then.every((one) => by.includes(one))) throw new DomainError("forbidden");
    return { ...kept, replayed: true };
  }
  let reply: KeptReply;
  try {
    reply = await work();
  } catch (error) {
    // What cannot be given back lapses by itself.
    await claimed.release().catch(() => {});
    throw error;
  }
  await claimed.keep(JSON.stringify({ ...reply, by }));
  return { ...reply, replayed: false };
}
