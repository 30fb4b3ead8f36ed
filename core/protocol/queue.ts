import { z } from "zod";
import { unmaskReasons } from "../domain/masking/view.ts";
import { checkInFields, type EntryStatus, priorities } from "../domain/queue/state.ts";
import { roomIdPattern, roomKinds } from "../domain/room.ts";
import { commandId, expected, personId } from "./conversation.ts";

export type { QueueMetrics } from "../domain/queue/metrics.ts";

/** An entry of a queue: the server makes it. */
const entry = z.string().regex(/^[a-z0-9-]{1,40}$/, "1 to 40 small letters, digits or -");
const roomId = z.string().regex(roomIdPattern, "1 to 32 small letters, digits or -");
/** One line of text: no control characters. */
const line = (limit: number) =>
  z
    .string()
    .trim()
    .max(limit)
    .regex(/^\P{Cc}*$/u, "no control characters")
    .refine((text) => text.isWellFormed(), "no half of a pair");
/** Text that may have several lines. */
export const text = (limit: number) =>
  z
    .string()
    .trim()
    .max(limit)
    .refine((value) => value.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(value), "no control characters");
const time = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const seconds = (least: number, most: number) => z.int().min(least).max(most);
const language = z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a language tag like ja or en-GB");

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, "a time like 09:00");
export const openingHours = z.strictObject({
  timeZone: z.string().min(1).max(64),
  weekly: z.array(z.strictObject({ day: z.int().min(0).max(6), from: clockTime, to: clockTime })).max(50),
});

/** What a queue is set to; what is left out keeps its default, or what it was. */
export const queueSettings = z.strictObject({
  title: line(200).min(1).exactOptional(),
  asks: z.array(z.enum(checkInFields)).max(3).exactOptional(),
  expectedMinutes: z.number().min(1).max(480).exactOptional(),
  callSeconds: seconds(5, 3_600).exactOptional(),
  noShowSeconds: seconds(5, 86_400).exactOptional(),
  graceSeconds: seconds(1, 3_600).exactOptional(),
  awaySeconds: seconds(1, 86_400).exactOptional(),
  holdSeconds: seconds(5, 86_400).exactOptional(),
  longWaitSeconds: seconds(5, 86_400).exactOptional(),
  clearSeconds: seconds(1, 86_400).exactOptional(),
  hours: openingHours.nullable().exactOptional(),
});

const identity = z.union([z.literal(true), line(200).min(1)]);
const onEntry = { id: commandId, entry } as const;
const origin = z.strictObject({ kind: z.enum(roomKinds), id: roomId });
const staffName = z.strictObject({ person: personId, name: z.string().max(400) });
const transfer = z.string().min(1).max(64);
const checkIn = z.strictObject({
  identity: identity.exactOptional(),
  location: line(500).min(1).exactOptional(),
  emergencyContact: line(500).min(1).exactOptional(),
});

/** What was given at check-in, plain. "" where nothing was. */
export const unmaskReply = z.object({ values: z.partialRecord(z.enum(checkInFields), z.string()) });
export type UnmaskReply = z.infer<typeof unmaskReply>;

/** The payload of every request of a queue. Unknown fields are refused. */
export const queueRequests = {
  "queue.create": z.strictObject({
    id: commandId,
    settings: queueSettings.extend({ title: line(200).min(1) }),
    staff: z.array(personId).max(500),
  }),
  "queue.configure": z.strictObject({
    id: commandId,
    settings: queueSettings,
    expected: expected.optional(),
  }),
  "queue.staff": z.strictObject({ id: commandId, person: personId, on: z.boolean() }),
  "queue.open": z.strictObject({ id: commandId }),
  "queue.close": z.strictObject({ id: commandId }),
  "queue.suspend": z.strictObject({
    id: commandId,
    until: time.nullable().default(null),
    notice: text(1_000).default(""),
  }),
  "queue.duty": z.strictObject({ id: commandId, status: z.enum(["available", "away", "off"]) }),

  "queue.join": z.strictObject({
    id: commandId,
    reason: text(2_000),
    language: language.optional(),
    needs: z.array(line(200).min(1)).max(20).optional(),
    visit: roomId.optional(),
  }),
  "queue.checkIn": checkIn.extend({ id: commandId }),
  "queue.confirm": z.strictObject({ id: commandId }),
  "queue.leave": z.strictObject({ id: commandId }),

  "queue.call": z.strictObject(onEntry),
  "queue.admit": z.strictObject({ ...onEntry, clinician: personId.optional() }),
  "queue.hold": z.strictObject(onEntry),
  "queue.resume": z.strictObject(onEntry),
  "queue.move": z.strictObject({ ...onEntry, before: entry.nullable(), reason: line(500).min(1) }),
  "queue.prioritise": z.strictObject({
    ...onEntry,
    priority: z.enum(priorities),
    reason: line(500).min(1),
  }),
  "queue.transfer": z.strictObject({ ...onEntry, to: roomId }),
  "queue.notify": z.strictObject({ id: commandId, entry: entry.optional(), body: text(1_000).min(1) }),
  "queue.noShow": z.strictObject(onEntry),
  "queue.remove": z.strictObject({ ...onEntry, reason: text(500).min(1) }),

  /** Reads. That of `queue.unmask` is recorded, with who, whose, which fields and why, before there is an answer. */
  "queue.unmask": z.strictObject({
    entry,
    fields: z.array(z.enum(checkInFields)).min(1).max(checkInFields.length),
    reason: z.enum(unmaskReasons),
  }),
  "queue.metrics": z.strictObject({}),
  "queue.info": z.strictObject({}),
  "queue.settings": z.strictObject({}),

  /** Between rooms; the engine alone may. */
  "queue.arrive": z.strictObject({
    id: commandId,
    transfer,
    from: origin,
    entry,
    patient: personId,
    patientName: z.string().max(400),
    reason: z.string().max(2_000),
    language: z.string().nullable(),
    needs: z.array(z.string()),
    checkIn: checkIn.nullable(),
    priority: z.enum(priorities),
    waitingSince: time,
    visit: roomId.nullable(),
    by: staffName,
  }),
  "queue.decline": z.strictObject({ id: commandId, from: origin, transfer }),
  "queue.used": z.strictObject({
    id: commandId,
    from: origin,
    transfer,
    patient: personId,
    visit: roomId,
  }),
  "queue.served": z.strictObject({
    id: commandId,
    from: origin,
    transfer,
    patient: personId,
    visit: roomId,
    clinician: personId.nullable(),
    ms: time.nullable(),
  }),
} as const;

export type QueueRequestName = keyof typeof queueRequests;
export type QueuePayload<N extends QueueRequestName> = z.input<(typeof queueRequests)[N]>;

/** Names of the messages that a patient receives about themselves. */
export const queueMessages = {
  place: "queue.place",
  called: "queue.called",
  admitted: "queue.admitted",
  notice: "queue.notice",
} as const;

/**
 * A patient's own place. `status` "none": they have no place here; `ended` then says how the last one ended,
 * if it did lately. `place` counts from 1. `setBack` says what last put them further back, and when.
 */
export interface PlaceMessage {
  /** The queue's seq that this follows from: a lower one is older. */
  readonly seq: number;
  readonly status: EntryStatus | "none";
  readonly entry: string | null;
  readonly place: number | null;
  readonly ahead: number | null;
  /** null: cannot be said, as nobody is on duty. */
  readonly etaSeconds: number | null;
  /** Everything that the clinic asks for is there. */
  readonly ready: boolean;
  readonly joinedAt: number | null;
  readonly setBack?: { readonly why: SetBackReason; readonly at: number };
  readonly ended?: EndedPlace;
}

/**
 * `priority`: somebody with a more urgent need goes first; `moved`: the clinic changed the order;
 * `transfer`: somebody came from another queue who has waited longer.
 */
export type SetBackReason = "priority" | "moved" | "transfer";

export interface EndedPlace {
  readonly how: "left" | "removed" | "noShow" | "released" | "closed" | "transferred" | "admitted";
  readonly at: number;
  /** The queue gone to. */
  readonly to?: string;
  /** What staff wrote. */
  readonly reason?: string;
}

/** Answer with `queue.confirm` before `answerBy` (ms since the epoch). */
export interface CalledMessage {
  readonly entry: string;
  readonly by: string;
  readonly at: number;
  readonly answerBy: number;
}

/** Join the consultation of that id. Sent again on every join until it was used. */
export interface AdmittedMessage {
  readonly visit: string;
  readonly at: number;
}

export interface NoticeMessage {
  readonly body: string;
  readonly at: number;
  /** To this patient alone. */
  readonly personal: boolean;
}

/** What `queue.info` answers to anyone who may know of the queue. */
export interface QueueInfoReply {
  readonly title: string;
  readonly opening: "open" | "suspended" | "closed";
  readonly nextHours: number | null;
  /** Whether whoever asks may run it. */
  readonly staff: boolean;
}
