import { z } from "zod";
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
