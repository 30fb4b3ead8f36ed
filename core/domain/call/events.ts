import type { DomainEvent } from "../feature.ts";
import { isVisitEvent, type VisitEvent, type VisitMediaChanged } from "../visit/events.ts";
import type { BackendName, Capabilities } from "./state.ts";

export interface CallJoined extends DomainEvent {
  readonly type: "media.joined";
  readonly person: string;
  readonly capabilities: Capabilities;
  readonly order: readonly BackendName[];
}
export interface CallLeft extends DomainEvent {
  readonly type: "media.left";
  readonly person: string;
}
/** The room's choice. `reason`: why it takes another one's place; null: it does not. */
export interface CallOpening extends DomainEvent {
  readonly type: "media.opening";
  readonly n: number;
  readonly backend: BackendName;
  readonly reason: string | null;
}
export interface CallOpened extends DomainEvent {
  readonly type: "media.opened";
  readonly n: number;
  readonly place: string | null;
}
/** `person`: whose call it was that failed; null: the backend could not open the session, or has lost it. */
export interface CallFailed extends DomainEvent {
  readonly type: "media.failed";
  readonly n: number;
  readonly person: string | null;
  readonly reason: string;
  readonly order: readonly BackendName[];
}
/** The session does not reach this person; it stays, for the others' sake. */
export interface CallTroubled extends DomainEvent {
  readonly type: "media.troubled";
  readonly n: number;
  readonly person: string;
  readonly reason: string;
}
export interface CallMuteAsked extends DomainEvent {
  readonly type: "media.muteAsked";
  readonly person: string;
}
export interface CallClosed extends DomainEvent {
  readonly type: "media.closed";
  readonly n: number;
}

export type CallEvent =
  | CallJoined
  | CallLeft
  | CallOpening
  | CallOpened
  | CallFailed
  | CallTroubled
  | CallMuteAsked
  | CallClosed;

/** Whoever leaves the call gives nothing to the others any more: the visit notes it in the same decision. */
export type CallDecided = CallEvent | VisitMediaChanged;

/** What changes a call: its own events, and that people leave the visit in which it is. */
export type CallSeen = CallEvent | VisitEvent;

export function isCallEvent(event: DomainEvent): event is CallEvent {
  return event.type.startsWith("media.");
}

export function isSeenByCall(event: DomainEvent): event is CallSeen {
  return isCallEvent(event) || isVisitEvent(event);
}
