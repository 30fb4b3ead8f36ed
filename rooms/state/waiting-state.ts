import { type SchemaType, schema, t } from "@colyseus/schema";

/** One entry as the staff see it. 0 and "" stand for "not so"; times are ms since the epoch. */
export const EntryState = schema(
  {
    id: t.string(),
    patient: t.string(),
    name: t.string(),
    reason: t.string(),
    language: t.string(),
    /** One a line: a list of its own would not be shown to the view that shows the entry. */
    needs: t.string(),
    /** Everything that the clinic asks for is there. */
    ready: t.boolean(),
    identity: t.string(),
    location: t.string(),
    emergencyContact: t.string(),
    priority: t.string(),
    /** Sort by this, as text: the lowest comes first. */
    rank: t.string(),
    status: t.string(),
    joinedAt: t.number(),
    waitingSince: t.number(),
    online: t.boolean(),
    offlineSince: t.number(),
    /** Who has called, holds or moves the patient, and since when. */
    by: t.string(),
    byName: t.string(),
    since: t.number(),
    /** Calls that were not answered. */
    missed: t.number(),
    longWait: t.boolean(),
    notice: t.string(),
    /** Why the last transfer or admission came back: an error code. */
    returned: t.string(),
    /** A visit that was scheduled beforehand. */
    visit: t.string(),
  },
  "Entry",
);

/** A member of staff on duty. */
export const DutyState = schema(
  { name: t.string(), status: t.string(), since: t.number(), clinician: t.boolean(), visit: t.string() },
  "Duty",
);

/** Somebody whose place ended lately. */
export const DepartureState = schema(
  {
    entry: t.string(),
    patient: t.string(),
    name: t.string(),
    how: t.string(),
    at: t.number(),
    byName: t.string(),
    /** The visit or the queue gone to. */
    to: t.string(),
  },
  "Departure",
);

export const QueueNoticeState = schema({ body: t.string(), at: t.number() }, "QueueNotice");

/**
 * What a queue shows live. Everyone in the room sees the queue's own state; only its staff see entries and
 * each other. A patient learns their place by messages of their own.
 */
export const WaitingState = schema(
  {
    title: t.string(),
    /** open, suspended or closed. */
    opening: t.string(),
    suspendedUntil: t.number(),
    suspendedNotice: t.string(),
    /** When the opening hours next change it; 0: never. */
    nextHours: t.number(),
    /** What the clinic asks for before a patient counts as ready. */
    asks: t.array("string"),
    callSeconds: t.number(),
    expectedMinutes: t.number(),
    notices: t.array(QueueNoticeState),
    /** Entry id → entry. Staff alone. */
    entries: t.map(EntryState).view(),
    /** Person id → duty. Staff alone. */
    duty: t.map(DutyState).view(),
    /** Person id → name of whoever may run this queue. Staff alone. */
    staff: t.map("string").view(),
    /** The last 20, newest last. Staff alone. */
    departed: t.array(DepartureState).view(),
  },
  "Waiting",
);

export type EntryState = SchemaType<typeof EntryState>;
export type DutyState = SchemaType<typeof DutyState>;
export type WaitingState = SchemaType<typeof WaitingState>;
