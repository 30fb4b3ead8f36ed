import { z } from "zod";
import type { CallEvent } from "../domain/call/events.ts";
import type { ConsentEvent } from "../domain/consent/consent.ts";
import type { ChatEvent } from "../domain/conversation/events.ts";
import type { QueueEvent } from "../domain/queue/events.ts";
import type { RecordingEvent } from "../domain/recording/events.ts";
import { roomKinds } from "../domain/room.ts";
import type { VisitEvent } from "../domain/visit/events.ts";
import { at, digits } from "./rest-parts.ts";

type EventType = (ChatEvent | QueueEvent | VisitEvent | CallEvent | ConsentEvent | RecordingEvent)["type"];

const id = z.string();
const none = z.object({});
const entry = z.object({ entry: id });
const person = z.object({ person: id });
const room = z.object({ kind: z.enum(roomKinds), id });

/**
 * What integrators are told of, and what is said of it: ids, codes and times. Names and what people wrote or said is in none of
 * them; it is asked for by REST, where each read is checked and recorded. What is not named here is our own affair.
 *
 * This is a contract: a field may be added, a type too; none is taken away or changes its meaning within a version.
 */
export const eventData = {
  "chat.created": z.object({
    subject: id.nullable(),
    members: z.array(z.object({ person: id, role: z.string() })),
  }),
  "chat.message": z.object({ id, replyTo: z.int().optional() }),
  "chat.edited": z.object({ of: z.int() }),
  "chat.deleted": z.object({ of: z.int() }),
  "chat.reacted": z.object({ of: z.int(), on: z.boolean() }),
  "chat.memberChanged": z.object({ person: id, role: z.string().nullable() }),
  "queue.created": none,
  "queue.configured": none,
  "queue.opened": none,
  "queue.closed": none,
  "queue.suspended": z.object({ until: at.nullable() }),
  "queue.staffChanged": z.object({ person: id, on: z.boolean() }),
  "queue.dutyChanged": z.object({ person: id, status: z.string().nullable() }),
  "queue.joined": z.object({ entry: id, patient: id, visit: id.nullable() }),
  "queue.checkedIn": entry,
  "queue.called": entry,
  "queue.confirmed": entry,
  "queue.unanswered": entry,
  "queue.held": entry,
  "queue.resumed": entry,
  "queue.moved": entry,
  "queue.prioritised": z.object({ entry: id, priority: z.string() }),
  "queue.leaving": z.object({ entry: id, to: room }),
  "queue.returned": z.object({ entry: id, code: z.string() }),
  "queue.left": z.object({ entry: id, patient: id, how: z.string(), waitingSince: at }),
  "queue.arrived": z.object({
    entry: id,
    patient: id,
    from: room,
    priority: z.string(),
    waitingSince: at,
    visit: id.nullable(),
  }),
  "queue.wentAway": entry,
  "queue.cameBack": entry,
  "queue.longWait": entry,
  "queue.served": z.object({ visit: id, clinician: id.nullable(), patient: id, ms: z.int().nullable() }),
  "visit.created": z.object({
    patient: person,
    clinician: person.nullable(),
    schedule: z.object({ at, minutes: z.int() }).nullable(),
  }),
  "visit.rescheduled": z.object({ at, minutes: z.int() }),
  "visit.arrived": z.object({ origin: z.object({ queue: room, entry: id }) }),
  "visit.knocked": person,
  "visit.admitted": z.object({ person: id, role: z.string() }),
  "visit.removed": person,
  "visit.entered": person,
  "visit.exited": person,
  "visit.locked": z.object({ on: z.boolean() }),
  "visit.held": z.object({ on: z.boolean() }),
  "visit.invited": z.object({ invitation: id, role: z.string(), expiresAt: at }),
  "visit.revoked": z.object({ invitation: id }),
  "visit.invitationExpired": z.object({ invitation: id }),
  "visit.accepted": z.object({ invitation: id, guest: id }),
  "visit.transferred": z.object({ to: person }),
  "visit.started": none,
  "visit.ended": z.object({ outcome: z.string() }),
  "visit.surveyed": z.object({ rating: z.int() }),
  "consent.given": z.object({ what: z.string() }),
  "consent.withdrawn": z.object({ what: z.string() }),
  "media.joined": person,
  "media.left": person,
  "media.opened": z.object({ n: z.int() }),
  "media.failed": z.object({ n: z.int(), reason: z.string() }),
  "media.closed": z.object({ n: z.int() }),
  "recording.started": z.object({ recording: id, segment: z.int() }),
  "recording.sealed": z.object({
    recording: id,
    manifest: z.object({ from: at, to: at, keptUntil: at, sha256: z.string() }),
  }),
  "recording.expired": z.object({ recording: id }),
} as const satisfies { readonly [T in EventType]?: z.ZodType };

export type PublicType = keyof typeof eventData;

export function isPublicType(type: string): type is PublicType {
  return Object.hasOwn(eventData, type);
}

export const publicTypes = Object.keys(eventData).filter(isPublicType);

/** A place in the events of an organisation: opaque, good for ever. */
export const eventCursor = z.string().min(1).max(64);

export const publicEvent = z.object({
  /** Of this event, for ever and everywhere: take each id once. */
  id: z.string(),
  type: z.enum(publicTypes),
  /** Of the form of `data`. */
  version: z.literal(1),
  at,
  org: z.string(),
  room,
  /** In its room: events of a room come in this order; what is not public leaves holes. */
  seq: z.int(),
  /** The person who did it, or `system`. */
  actor: z.string(),
  /** See docs/events.md; null: it was erased, or is not readable any more. */
  data: z.record(z.string(), z.unknown()).nullable(),
  /** To go on after this event. */
  cursor: eventCursor,
});
export type PublicEvent = z.output<typeof publicEvent>;

const pattern = /^([a-z]+\.(\*|[A-Za-z]+)|\*)$/;
/** `chat.message`, `visit.*` or `*`; one that no public type matches is a mistake. */
export const typePattern = z
  .string()
  .regex(pattern, "a type, visit.* or *")
  .refine((one) => publicTypes.some((type) => matches(type, [one])), "no event is of such a type");

/** Whether a type is one of those asked for. */
export function matches(type: string, patterns: readonly string[]): boolean {
  return patterns.some(
    (one) => one === "*" || one === type || (one.endsWith(".*") && type.startsWith(one.slice(0, -1))),
  );
}

const typeList = z
  .string()
  .max(2_000)
  .refine(
    (text) => typesIn(text).every((one) => typePattern.safeParse(one).success),
    "types, with commas between",
  );

/** The types in an address; all where none are named. */
export function typesIn(text: string | undefined): readonly string[] {
  return text === undefined ? ["*"] : text.split(",");
}

export const eventsQuery = z.object({
  after: eventCursor.optional(),
  types: typeList.optional(),
  limit: digits.pipe(z.int().min(1).max(500)).default(100),
});

export const streamQuery = z.object({ after: eventCursor.optional(), types: typeList.optional() });

export const eventPage = z.object({
  items: z.array(publicEvent),
  /** Pass it as `after` the next time, also where there was nothing. */
  next: eventCursor,
  /** Whether there is more at this moment. */
  more: z.boolean(),
});
export type EventPage = z.output<typeof eventPage>;
