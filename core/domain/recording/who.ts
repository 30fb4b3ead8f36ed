import { callerOf } from "../call/state.ts";
import { type ConsentState, holds } from "../consent/consent.ts";
import { isInside, participantOf, type VisitState } from "../visit/state.ts";
import type { RecordingInVisit } from "./state.ts";

export function agrees(consent: ConsentState, person: string): boolean {
  return holds(consent, person, "recording");
}

export function insiders(visit: VisitState): readonly string[] {
  return Object.keys(visit.participants).filter((person) => isInside(visit, person));
}

export function presentInside(visit: VisitState): readonly string[] {
  return insiders(visit).filter((person) => isPresent(visit, person));
}

export function isPresent(visit: VisitState, person: string): boolean {
  return participantOf(visit, person)?.presentSince != null;
}

/** Who is there, or in the call, and has not agreed to being recorded. */
export function missing({ visit, call, consent }: RecordingInVisit): readonly string[] {
  const heard = new Set([...presentInside(visit), ...Object.keys(call.people)]);
  return [...heard].filter((person) => !agrees(consent, person));
}

/** Whether this person's browser can record: it is connected, and in the call. */
export function canRecord({ visit, call }: RecordingInVisit, person: string): boolean {
  return isPresent(visit, person) && callerOf(call, person) !== undefined;
}
