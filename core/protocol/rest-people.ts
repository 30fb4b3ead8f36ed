import { z } from "zod";
import { roles } from "../domain/principal.ts";
import { roomIdPattern } from "../domain/room.ts";
import { personId } from "./conversation.ts";
import { at, limit, lookup, page } from "./rest-parts.ts";

/** Roles that an administrator gives. Guests come by invitation, and operators are above organisations. */
export const givenRoles = ["patient", "clinician", "desk", "admin", "auditor", "integrator"] as const;

const shownName = lookup.trim().min(1).max(200);
const someRoles = z
  .array(z.enum(givenRoles))
  .min(1)
  .max(givenRoles.length)
  .refine((list) => new Set(list).size === list.length, "each role once");
const password = z.string().min(12).max(1000);

/** One's own: the present one is asked for, so that an open page is not enough. */
export const changeMyPassword = z.strictObject({ password: z.string().min(1).max(1000), next: password });
/** Somebody else's, who has lost theirs. */
export const givePassword = z.strictObject({ password });

/** A person as administrators see them. */
export const managedPerson = z.object({
  id: personId,
  /** null: a guest. */
  username: z.string().nullable(),
  name: z.string(),
  roles: z.array(z.enum(roles)),
  disabled: z.boolean(),
  demo: z.boolean(),
  revision: z.int(),
});
/** Without a password they sign in elsewhere. */
export const addPerson = z.strictObject({
  username: lookup.trim().min(1).max(200),
  name: shownName,
  roles: someRoles,
  password: password.optional(),
});
export const changePerson = z
  .strictObject({
    name: shownName.optional(),
    roles: someRoles.optional(),
    disabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "one change at least");

export const organisation = z.object({ id: z.string(), name: z.string(), revision: z.int() });
export const changeOrganisation = z.strictObject({ name: shownName });

/** The rooms that somebody may have to see in an emergency. */
const roomKind = z.enum(["chat", "consultation"]);
export const breakGlass = z.strictObject({
  kind: roomKind,
  id: z.string().regex(roomIdPattern),
  /** Why, in words. It is shown to administrators and auditors. */
  reason: lookup.trim().min(10).max(500),
  minutes: z.int().min(5).max(240).default(60),
});
export const glassBroken = z.object({
  id: z.string(),
  kind: roomKind,
  room: z.string(),
  openedAt: at,
  expiresAt: at,
});
export const brokenGlasses = page(
  glassBroken.extend({
    person: z.object({ id: personId, name: z.string() }),
    /** null: it cannot be read any more, as its room's key is gone. */
    reason: z.string().nullable(),
  }),
);
/** `after`: `next` of the page before. */
export const brokenGlassQuery = z.object({ after: z.string().max(300).optional(), limit });
