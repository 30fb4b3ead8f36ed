import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { hasRole, type Role } from "../../../core/domain/principal.ts";
import { people, peopleQuery } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";

const storable = z.string().refine((text) => !text.includes("\0"));
const place = z.strictObject({ name: storable, id: storable });
/** Who cares for patients: they see everyone, and everyone sees them. */
const staff: readonly Role[] = ["clinician", "desk", "admin"];
/** Who works here and as what is no secret of theirs. */
const isStaff = (role: Role): boolean => staff.includes(role);

export const listPeople = endpoint({
  id: "listPeople",
  method: "get",
  path: "/v1/people",
  tag: "people",
  summary: "Find people of my organisation",
  description:
    "Staff find everyone; patients and others find staff only, and guests nobody. In the order of their names.",
  input: { query: peopleQuery },
  reply: people,
  errors: ["forbidden"],
  reads: {
    action: "people.list",
    subjects: ({ items }) => items.map(({ id, roles }) => (roles.some(isStaff) ? null : id)),
  },
  handle: async ({ query: { q, after, limit } }, { principal, identity }) => {
    if (!can(principal, "people.list", { org: principal.org })) throw new DomainError("forbidden");
    const seesAll = hasRole(principal, ...staff);
    const found = await identity.people.search({
      org: principal.org,
      text: q,
      byUsername: seesAll,
      roles: seesAll ? null : staff,
      after: decodeCursor(place, after) ?? null,
      limit: limit + 1,
    });
    const items = found.slice(0, limit).map(({ id, name, roles }) => ({ id, name, roles: [...roles] }));
    const last = items.at(-1);
    const next = found.length > limit && last ? encodeCursor({ name: last.name, id: last.id }) : null;
    return { items, next };
  },
});
