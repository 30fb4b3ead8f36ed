import { z } from "zod";
import { consentKinds } from "../domain/consent/consent.ts";
import { roomIdPattern, roomKinds } from "../domain/room.ts";
import { listQuery } from "./rest.ts";

const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\0]*$/);
const millis = z.int().min(0);
const room = z.object({ kind: z.enum(roomKinds), id: z.string() });
const time = z.coerce.number<string>().int().min(0).max(8.64e15);

export const auditQuery = z.strictObject({
  ...listQuery.shape,
  actor: id.optional(),
  subject: id.optional(),
  action: id.optional(),
  /** Both or none. */
  kind: z.enum(roomKinds).optional(),
  room: z.string().regex(roomIdPattern).optional(),
  /** Inclusive, ms since the epoch. */
  from: time.optional(),
  /** Exclusive. */
  to: time.optional(),
});

export const auditEntry = z.object({
  id: z.int(),
  at: millis,
  /** Ids of people; "system" is the engine itself. */
  actor: z.string(),
  action: z.string(),
  room: room.nullable(),
  subject: z.string().nullable(),
  /** Facts about the access: why (`purpose`), and ids, names of fields, moments. */
  detail: z.record(z.string(), z.unknown()),
});

export const auditEntries = z.object({ items: z.array(auditEntry), next: z.string().nullable() });

export const accesses = z.object({
  items: z.array(
    z.object({
      at: millis,
      /** Who; null: nobody who is in the directory now. */
      by: z.string().nullable(),
      action: z.string(),
      /** Why; null: it does not say. */
      purpose: z.string().nullable(),
      room: room.nullable(),
    }),
  ),
  next: z.string().nullable(),
});

export const verifyQuery = z.strictObject({ from: z.coerce.number<string>().int().min(1).default(1) });

export const auditVerdict = z.object({
  /** Whether nothing is wrong. */
  ok: z.boolean(),
  links: z.int(),
  last: z.object({ n: z.int(), hash: z.string() }),
  waiting: z.int(),
  checkpoints: z.int(),
  /** Checkpoints that were found outside the database. */
  kept: z.int(),
  /** Where the chain begins since what was before went by retention: after `n`. What went was recorded before `before`. null: at its first entry. */
  anchor: z.object({ n: z.int(), hash: z.string(), at: millis, before: millis }).nullable(),
  findings: z.array(
    z.object({
      kind: z.string(),
      n: z.int().nullable(),
      until: z.int().optional(),
      entry: z.int().nullable(),
      at: z.int().nullable(),
      other: z.int().optional(),
    }),
  ),
});

export const exportQuery = z.strictObject({ from: time.default(0), to: time.default(8.64e15) });

export const auditKeys = z.object({ keys: z.array(z.record(z.string(), z.string())) });

const reason = z
  .string()
  .trim()
  .min(3)
  .max(500)
  .regex(/^[^\0]*$/);
const days = z.int().min(1).max(36_500).nullable();

export const retention = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      /** null: as `otherwise` says. */
      days: z.int().nullable(),
      /** What counts where nothing is settled; null: for good. */
      otherwise: z.int().nullable(),
      leastDays: z.int(),
      /** What the time counts from, and what goes. */
      about: z.string(),
    }),
  ),
});

export const setRetention = z.strictObject({
  rules: z
    .array(z.strictObject({ kind: z.string().max(64), days }))
    .min(1)
    .max(20),
});

export const placeHold = z
  .strictObject({
    person: id.optional(),
    room: z.strictObject({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) }).optional(),
    reason,
  })
  .refine(({ person, room }) => (person === undefined) !== (room === undefined), "a person or a room");

export const hold = z.object({
  id: z.string(),
  person: z.string().nullable(),
  room: room.nullable(),
  reason: z.string(),
  placedAt: millis,
  placedBy: z.string(),
});
export const holds = z.object({ items: z.array(hold) });
export const heldRecordings = z.object({
  items: z.array(
    z.object({
      visit: z.string(),
      recording: z.string(),
      patient: z.string().nullable(),
      /** When its files were made; null: before this was noted. */
      finishedAt: millis.nullable(),
      /** Since when it would have gone. */
      dueAt: millis,
    }),
  ),
});
export const recordParams = z.object({ id: z.uuid() });

export const erasureParams = z.object({ id });
/** `confirm` is the person's id once more: an erasure cannot be undone. */
export const requestErasure = z.strictObject({ reason, confirm: id });
export const erasure = z.object({
  id: z.string(),
  person: z.string(),
  reason: z.string(),
  requestedAt: millis,
  requestedBy: z.string(),
  /** Until then it can be cancelled. */
  dueAt: millis,
  cancelledAt: millis.nullable(),
  begunAt: millis.nullable(),
  doneAt: millis.nullable(),
});
export const erasures = z.object({ items: z.array(erasure) });

const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);
export const consentText = z.object({
  kind: z.enum(consentKinds),
  language: z.string(),
  version: z.int().min(1),
  body: z.string(),
  createdAt: millis,
});
export const consentTexts = z.object({ items: z.array(consentText) });
export const setConsentText = z.strictObject({
  kind: z.enum(consentKinds),
  language,
  body: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .regex(/^[^\0]*$/),
});
export const consentTextParams = z.object({
  kind: z.enum(consentKinds),
  language,
  version: z.coerce.number<string>().int().min(1).max(1_000_000),
});
