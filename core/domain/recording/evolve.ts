import { type CallEvent, isCallEvent } from "../call/events.ts";
import type { ConsentEvent } from "../consent/consent.ts";
import type { DomainEvent, Recorded } from "../feature.ts";
import { keep } from "../lib/bounded.ts";
import { isVisitEvent, type VisitEvent } from "../visit/events.ts";
import { isRecordingEvent, type RecordingEvent } from "./events.ts";
import { evolveOwn } from "./evolve-own.ts";
import {
  type Presence,
  presenceLimit,
  type Recording,
  type RecordingConsent,
  type RecordingInVisit,
  type RecordingState,
} from "./state.ts";
import { presentInside } from "./who.ts";

/** What changes a recording: its own events, and who is there, agrees, and is in the call. */
export type RecordingSeen = RecordingEvent | VisitEvent | CallEvent | ConsentEvent;

export function isSeenByRecording(event: DomainEvent): event is RecordingSeen {
  return isRecordingEvent(event) || isVisitEvent(event) || isCallEvent(event) || isConsentEvent(event);
}

function isConsentEvent(event: DomainEvent): event is ConsentEvent {
  return event.type.startsWith("consent.");
}

/** Folds one recorded event into the recording; visit, call and consents have taken it in already. Total. */
export function evolveRecording(
  state: RecordingInVisit,
  { at, by, event }: Recorded<RecordingSeen>,
): RecordingState {
  const { recording } = state;
  const after = isRecordingEvent(event) ? evolveOwn(state, event, at, by) : recording;
  if (!after.current) return after.emptySince === null ? after : { ...after, emptySince: null };
  const presence = notePresence(after.current.presence, presentInside(state.visit), at);
  const consents = isConsentEvent(event)
    ? noteConsent(after.current.consents, event, by, at)
    : after.current.consents;
  const emptySince = state.call.stage === "none" ? (after.emptySince ?? at) : null;
  return { ...after, emptySince, current: { ...after.current, presence, consents } };
}

function notePresence(
  before: Recording["presence"],
  here: readonly string[],
  at: number,
): Recording["presence"] {
  const there = new Set(before.flatMap(({ person, to }) => (to === null ? [person] : [])));
  const closed = before.map((one) =>
    one.to === null && !here.includes(one.person) ? { ...one, to: at } : one,
  );
  return here
    .filter((person) => !there.has(person))
    .reduce<readonly Presence[]>(
      (all, person) => keep(all, { person, from: at, to: null }, presenceLimit),
      closed,
    );
}

function noteConsent(
  before: Recording["consents"],
  event: ConsentEvent,
  person: string,
  at: number,
): Recording["consents"] {
  if (event.what !== "recording") return before;
  if (event.type === "consent.given") {
    const text = event.text ? { text: event.text } : {};
    const given: RecordingConsent = { person, givenAt: at, withdrawnAt: null, ...text };
    // One that follows another is for a newer text.
    const others = before.map((one) =>
      one.person === person && one.withdrawnAt === null ? { ...one, withdrawnAt: at } : one,
    );
    return keep(others, given, presenceLimit);
  }
  return before.map((one) =>
    one.person === person && one.withdrawnAt === null ? { ...one, withdrawnAt: at } : one,
  );
}
