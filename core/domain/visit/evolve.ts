import type { Recorded } from "../feature.ts";
import { keep } from "../lib/bounded.ts";
import { roomKey } from "../room.ts";
import type { VisitEvent } from "./events.ts";
import {
  type Invitation,
  type MediaKind,
  type Message,
  mediaLogLimit,
  noteLimit,
  type Origin,
  type Participant,
  participantOf,
  type VisitRole,
  type VisitState,
} from "./state.ts";

const transferLimit = 16;

/** Folds one recorded event into the visit. Total. */
export function evolveVisit(state: VisitState, { at, by, event }: Recorded<VisitEvent>): VisitState {
  switch (event.type) {
    case "visit.created": {
      const { patient, clinician, reason, schedule } = event;
      const made = { ...state, created: true, patient, clinician, reason, schedule, createdAt: at };
      const withPatient = withRole(made, patient.person, patient.name, "patient", "admitted");
      return clinician
        ? withRole(withPatient, clinician.person, clinician.name, "clinician", "admitted")
        : withPatient;
    }
    case "visit.rescheduled":
      return { ...state, schedule: { at: event.at, minutes: event.minutes } };
    case "visit.arrived": {
      const { origin, reason } = event;
      const arrived = keep(state.arrived, origin.transfer, transferLimit);
      const phase = state.phase === "scheduled" ? "waiting" : state.phase;
      return admittedAgain(
        { ...state, arrived, phase, arrivedAt: at, reason: reason || state.reason },
        origin,
      );
    }
    case "visit.declined":
      return { ...state, declined: keep(state.declined, event.transfer, transferLimit) };
    case "visit.knocked":
      return change(state, event.person, { admission: "knocking" });
    case "visit.admitted":
      return withRole(state, event.person, event.name, event.role, "admitted");
    case "visit.removed":
      return change(silenced(state, [event.person], at), event.person, { admission: "removed" });
    case "visit.locked":
      return { ...state, locked: event.on };
    case "visit.held":
      return { ...state, held: event.on };
    case "visit.invited": {
      const { invitation, role, label, hash, expiresAt } = event;
      const fresh: Invitation = { role, label, hash, expiresAt, status: "open", by, guest: null };
      return { ...state, invitations: { ...state.invitations, [invitation]: fresh } };
    }
    case "visit.revoked":
      return changeInvitation(state, event.invitation, { status: "revoked" });
    case "visit.invitationExpired":
      return changeInvitation(state, event.invitation, { status: "expired" });
    case "visit.accepted": {
      const { invitation, guest, name } = event;
      const role = state.invitations[invitation]?.role ?? "observer";
      const next = changeInvitation(state, invitation, { status: "accepted", guest });
      return change(withRole(next, guest, name, role, "expected"), guest, { invitation });
    }
    case "visit.transferred":
      return withRole(
        { ...state, clinician: event.to },
        event.to.person,
        event.to.name,
        "clinician",
        "admitted",
      );
    case "visit.noted": {
      const note = { body: event.body, at, by: { person: by, name: event.name }, shared: event.shared };
      return { ...state, notes: keep(state.notes, note, noteLimit) };
    }
    case "visit.started":
      return emptyFrom({ ...state, phase: "in_progress", startedAt: at, emptySince: null }, at);
    case "visit.ended": {
      const ms = state.startedAt === null ? null : at - state.startedAt;
      const ended = { phase: "ended", outcome: event.outcome, endedAt: at, held: false } as const;
      return tell(silenced({ ...state, ...ended }, Object.keys(state.participants), at), "served", ms);
    }
    case "visit.surveyed":
      return { ...state, survey: { rating: event.rating, comment: event.comment, at } };
    case "visit.mediaChanged":
      return withMedia(state, event.person, event.media, at);
    case "visit.entered":
      return entered(state, event.person, at);
    case "visit.exited":
      return emptyFrom(change(state, event.person, { presentSince: null }), at);
    case "visit.woke": {
      const people = Object.keys(state.participants);
      const gone = (all: VisitState, person: string) => change(all, person, { presentSince: null });
      return emptyFrom(people.reduce(gone, silenced(state, people, at)), at);
    }
    case "visit.reported": {
      const { what, transfer } = event;
      const done = (message: Message) => message.what === what && message.origin.transfer === transfer;
      return { ...state, messages: state.messages.filter((message) => !done(message)) };
    }
  }
}

/** Sent here from a queue. Another queue that sent the patient here before is told that it is over there. */
function admittedAgain(state: VisitState, origin: Origin): VisitState {
  const elsewhere = state.origin && roomKey(state.origin.queue) !== roomKey(origin.queue);
  const next = { ...(elsewhere ? tell(state, "served", null) : state), origin };
  const entered = participantOf(state, state.patient.person)?.presentSince != null;
  return entered ? tell({ ...next, entered }, "used", null) : { ...next, entered };
}

/** The queue that the patient came from, if they did, is to be told. */
function tell(state: VisitState, what: Message["what"], ms: number | null): VisitState {
  const { origin, messages } = state;
  return origin ? { ...state, messages: [...messages, { what, origin, ms }] } : state;
}

function withMedia(state: VisitState, person: string, media: MediaKind, at: number): VisitState {
  const mediaLog = keep(state.mediaLog, { person, media, at }, mediaLogLimit);
  return { ...change(state, person, { media }), mediaLog };
}

/** Nobody receives anything of these people any more. */
function silenced(state: VisitState, people: readonly string[], at: number): VisitState {
  const heard = people.filter((person) => (participantOf(state, person)?.media ?? "none") !== "none");
  return heard.reduce((all, person) => withMedia(all, person, "none", at), state);
}

function entered(state: VisitState, person: string, at: number): VisitState {
  const next = { ...change(state, person, { presentSince: at }), emptySince: null };
  if (person !== state.patient.person) return next;
  const phase = next.phase === "scheduled" ? "waiting" : next.phase;
  const here = { ...next, phase, entered: true };
  return state.entered || phase === "ended" ? here : tell(here, "used", null);
}

function emptyFrom(state: VisitState, at: number): VisitState {
  const empty = Object.values(state.participants).every(({ presentSince }) => presentSince === null);
  return empty ? { ...state, emptySince: state.emptySince ?? at } : state;
}

function withRole(
  state: VisitState,
  person: string,
  name: string,
  role: VisitRole,
  admission: Participant["admission"],
): VisitState {
  const before = participantOf(state, person);
  const fresh = { presentSince: null, media: "none", invitation: null } as const;
  const participant = { ...fresh, ...before, name, role, admission };
  return { ...state, participants: { ...state.participants, [person]: participant } };
}

function change(state: VisitState, person: string, what: Partial<Participant>): VisitState {
  const before = participantOf(state, person);
  if (!before) return state;
  return { ...state, participants: { ...state.participants, [person]: { ...before, ...what } } };
}

function changeInvitation(state: VisitState, id: string, what: Partial<Invitation>): VisitState {
  const before = state.invitations[id];
  if (!before) return state;
  return { ...state, invitations: { ...state.invitations, [id]: { ...before, ...what } } };
}
