import type { ChatCreated, ChatMemberChanged } from "../conversation/events.ts";
import type { DomainEvent } from "../feature.ts";
import type { GuestRole, MediaKind, Message, Origin, PersonName, VisitOutcome, VisitRole } from "./state.ts";

interface OfPerson extends DomainEvent {
  readonly person: string;
}

export interface VisitCreated extends DomainEvent {
  readonly type: "visit.created";
  readonly patient: PersonName;
  readonly clinician: PersonName | null;
  readonly reason: string;
  readonly schedule: { readonly at: number; readonly minutes: number } | null;
}
export interface VisitRescheduled extends DomainEvent {
  readonly type: "visit.rescheduled";
  readonly at: number;
  readonly minutes: number;
}
/** The patient was admitted from a queue: the commit point of the admission. */
export interface VisitArrived extends DomainEvent {
  readonly type: "visit.arrived";
  readonly origin: Origin;
  readonly reason: string;
}
export interface VisitDeclined extends DomainEvent {
  readonly type: "visit.declined";
  readonly transfer: string;
}
export interface VisitKnocked extends OfPerson {
  readonly type: "visit.knocked";
}
export interface VisitAdmitted extends OfPerson {
  readonly type: "visit.admitted";
  readonly name: string;
  readonly role: VisitRole;
}
export interface VisitRemoved extends OfPerson {
  readonly type: "visit.removed";
}
export interface VisitLocked extends DomainEvent {
  readonly type: "visit.locked";
  readonly on: boolean;
}
export interface VisitHeld extends DomainEvent {
  readonly type: "visit.held";
  readonly on: boolean;
}
export interface VisitInvited extends DomainEvent {
  readonly type: "visit.invited";
  readonly invitation: string;
  readonly role: GuestRole;
  readonly label: string;
  readonly hash: string;
  readonly expiresAt: number;
}
export interface VisitRevoked extends DomainEvent {
  readonly type: "visit.revoked";
  readonly invitation: string;
}
export interface VisitInvitationExpired extends DomainEvent {
  readonly type: "visit.invitationExpired";
  readonly invitation: string;
}
export interface VisitAccepted extends DomainEvent {
  readonly type: "visit.accepted";
  readonly invitation: string;
  readonly guest: string;
  readonly name: string;
}
export interface VisitTransferred extends DomainEvent {
  readonly type: "visit.transferred";
  readonly to: PersonName;
}
export interface VisitNoted extends DomainEvent {
  readonly type: "visit.noted";
  readonly name: string;
  readonly body: string;
  readonly shared: boolean;
}
export interface VisitStarted extends DomainEvent {
  readonly type: "visit.started";
}
export interface VisitEnded extends DomainEvent {
  readonly type: "visit.ended";
  readonly outcome: VisitOutcome;
  /** What staff wrote; shown to the patient. */
  readonly reason: string | null;
}
export interface VisitSurveyed extends DomainEvent {
  readonly type: "visit.surveyed";
  readonly rating: number;
  readonly comment: string;
}
export interface VisitMediaChanged extends OfPerson {
  readonly type: "visit.mediaChanged";
  readonly media: MediaKind;
}
export interface VisitEntered extends OfPerson {
  readonly type: "visit.entered";
}
export interface VisitExited extends OfPerson {
  readonly type: "visit.exited";
}
/** The room has woken without its connections. */
export interface VisitWoke extends DomainEvent {
  readonly type: "visit.woke";
}
/** The queue has been told. */
export interface VisitReported extends DomainEvent {
  readonly type: "visit.reported";
  readonly what: Message["what"];
  readonly transfer: string;
}

export type VisitEvent =
  | VisitCreated
  | VisitRescheduled
  | VisitArrived
  | VisitDeclined
  | VisitKnocked
  | VisitAdmitted
  | VisitRemoved
  | VisitLocked
  | VisitHeld
  | VisitInvited
  | VisitRevoked
  | VisitInvitationExpired
  | VisitAccepted
  | VisitTransferred
  | VisitNoted
  | VisitStarted
  | VisitEnded
  | VisitSurveyed
  | VisitMediaChanged
  | VisitEntered
  | VisitExited
  | VisitWoke
  | VisitReported;

/** Whoever is let in or removed also joins or leaves the visit's conversation, in the same decision. */
export type VisitDecided = VisitEvent | ChatCreated | ChatMemberChanged;

export function isVisitEvent(event: DomainEvent): event is VisitEvent {
  return event.type.startsWith("visit.");
}
