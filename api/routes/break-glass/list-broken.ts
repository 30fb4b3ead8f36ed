import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { brokenGlasses, brokenGlassQuery, glassBroken } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";

const place = z.strictObject({ at: z.int(), id: z.string().regex(/^[0-9a-f]{24}$/) });

export const listBroken = endpoint({
  id: "listBrokenGlasses",
  method: "get",
  path: "/v1/break-glass",
  tag: "rooms",
  summary: "Who opened what in an emergency, and why, newest first",
  description: "For administrators and auditors of the organisation.",
  input: { query: brokenGlassQuery },
  reply: brokenGlasses,
  errors: ["forbidden"],
  reads: { action: "breakGlass.list", subjects: ({ items }) => items.map(({ person }) => person.id) },
  handle: async ({ query: { after, limit } }, { principal, breakGlass, identity }) => {
    const { org } = principal;
    if (!can(principal, "breakGlass.list", { org })) throw new DomainError("forbidden");
    const found = await breakGlass.list({ org, after: decodeCursor(place, after), limit: limit + 1 });
    const shown = found.slice(0, limit);
    const names = await identity.people.names(org, [...new Set(shown.map(({ person }) => person))]);
    const items = shown.map(({ id, person, ref, reason, openedAt, expiresAt }) => ({
      ...{ id, room: ref.id, reason, openedAt, expiresAt },
      kind: glassBroken.shape.kind.parse(ref.kind),
      person: { id: person, name: names.get(person) ?? person },
    }));
    const last = shown.at(-1);
    const next = found.length > limit && last ? encodeCursor({ at: last.openedAt, id: last.id }) : null;
    return { items, next };
  },
});
