import { z } from "zod";
import { checkInFields, departures, entryStatuses, priorities } from "../../core/domain/queue/state.ts";
import type { StoredQueue } from "../../core/domain/queue/stored.ts";
import { roomKinds } from "../../core/domain/room.ts";
import { openingHours } from "../../core/protocol/queue.ts";

const time = z.number();
const maybe = time.nullable();
const staffName = z.object({ person: z.string(), name: z.string() });

const leaving = z.object({
  transfer: z.string(),
  to: z.object({ kind: z.enum(roomKinds), id: z.string() }),
  by: staffName,
  clinician: staffName.nullable(),
  since: time,
  phase: z.enum(["going", "returning"]),
  tries: z.int(),
});

const entry = z.object({
  id: z.string(),
  patient: z.string(),
  name: z.string(),
  reason: z.string(),
  language: z.string().nullable(),
  needs: z.array(z.string()),
  checkIn: z
    .object({
      identity: z.union([z.string(), z.literal(true)]).exactOptional(),
      location: z.string().exactOptional(),
      emergencyContact: z.string().exactOptional(),
    })
    .nullable(),
  priority: z.enum(priorities),
  rank: z.string(),
  status: z.enum(entryStatuses),
  joinedAt: time,
  waitingSince: time,
  offlineSince: maybe,
  awaySince: maybe,
  call: staffName.extend({ at: time, clinician: z.boolean() }).nullable(),
  hold: staffName.extend({ at: time }).nullable(),
  missedAt: maybe,
  missed: z.int(),
  longWait: z.boolean(),
  notice: z.object({ body: z.string(), at: time }).nullable(),
  leaving: leaving.nullable(),
  returned: z.string().nullable(),
  visit: z.string().nullable(),
});

const settings = z.object({
  title: z.string(),
  asks: z.array(z.enum(checkInFields)),
  expectedMinutes: z.number(),
  callSeconds: z.number(),
  noShowSeconds: z.number(),
  graceSeconds: z.number(),
  awaySeconds: z.number(),
  holdSeconds: z.number(),
  longWaitSeconds: z.number(),
  clearSeconds: z.number(),
  hours: openingHours.nullable(),
});

const duty = z.object({
  name: z.string(),
  status: z.enum(["available", "in_visit", "away"]),
  since: time,
  clinician: z.boolean(),
  visit: z.string().nullable(),
});

/** A queue as a snapshot keeps it. */
export const queueSnapshot: z.ZodType<StoredQueue> = z.object({
  created: z.boolean(),
  settings,
  opening: z.enum(["open", "suspended", "closed"]),
  suspended: z.object({ until: maybe, notice: z.string() }).nullable(),
  nextHours: maybe,
  clearAt: maybe,
  staff: z.record(z.string(), z.string()),
  duty: z.record(z.string(), duty),
  entries: z.array(entry),
  joins: z.int(),
  dues: z.int(),
  admitted: z.record(z.string(), z.object({ visit: z.string(), entry: z.string(), at: time })),
  departed: z.array(
    z.object({
      entry: z.string(),
      patient: z.string(),
      name: z.string(),
      how: z.enum(departures),
      at: time,
      by: staffName.nullable(),
      to: z.string().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  reorders: z.array(
    z.object({
      seq: z.int(),
      at: time,
      entry: z.string(),
      why: z.enum(["priority", "moved", "transfer"]),
      from: z.string().nullable(),
      to: z.string(),
    }),
  ),
  declined: z.array(z.string()),
  arrived: z.array(z.string()),
  services: z.array(z.number()),
  notices: z.array(z.object({ body: z.string(), at: time, by: z.string() })),
  tallies: z.array(
    z.object({
      hour: time,
      joined: z.number(),
      admitted: z.number(),
      abandoned: z.number(),
      waited: z.number(),
    }),
  ),
});
