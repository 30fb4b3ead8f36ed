import type { DomainEvent } from "../feature.ts";
import type { RoomRef } from "../room.ts";
import type { CheckIn, DepartureKind, Priority, QueueSettings, StaffName } from "./state.ts";
import type { StoredQueue } from "./stored.ts";

interface OfEntry extends DomainEvent {
  readonly entry: string;
}

export interface QueueCreated extends DomainEvent {
  readonly type: "queue.created";
  readonly settings: QueueSettings;
  readonly staff: readonly StaffName[];
}
export interface QueueConfigured extends DomainEvent {
  readonly type: "queue.configured";
  readonly settings: QueueSettings;
  readonly nextHours: number | null;
}
/** All that is left of a queue whose past was erased: it goes on from here. */
export interface QueueCarriedOn extends DomainEvent {
  readonly type: "queue.carriedOn";
  readonly queue: StoredQueue;
}
export interface QueueStaffChanged extends DomainEvent {
  readonly type: "queue.staffChanged";
  readonly person: string;
  readonly name: string;
  readonly on: boolean;
}
/** `nextHours`: when the opening hours next say otherwise. It is recorded, because zone rules change. */
export interface QueueOpened extends DomainEvent {
  readonly type: "queue.opened";
  readonly nextHours: number | null;
}
export interface QueueClosed extends DomainEvent {
  readonly type: "queue.closed";
  readonly nextHours: number | null;
  readonly clearAt: number | null;
}
export interface QueueSuspended extends DomainEvent {
  readonly type: "queue.suspended";
  readonly until: number | null;
  readonly notice: string;
}
/** null: off duty. */
export interface QueueDutyChanged extends DomainEvent {
  readonly type: "queue.dutyChanged";
  readonly person: string;
  readonly name: string;
  readonly status: "available" | "away" | null;
  readonly clinician: boolean;
}

export interface QueueJoined extends OfEntry {
  readonly type: "queue.joined";
  readonly patient: string;
  readonly name: string;
  readonly reason: string;
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly rank: string;
  readonly visit: string | null;
}
export interface QueueCheckedIn extends OfEntry {
  readonly type: "queue.checkedIn";
  readonly checkIn: CheckIn;
}
export interface QueueCalled extends OfEntry {
  readonly type: "queue.called";
  readonly name: string;
  readonly clinician: boolean;
}
export interface QueueConfirmed extends OfEntry {
  readonly type: "queue.confirmed";
}
export interface QueueUnanswered extends OfEntry {
  readonly type: "queue.unanswered";
}
export interface QueueHeld extends OfEntry {
  readonly type: "queue.held";
  readonly name: string;
}
export interface QueueResumed extends OfEntry {
  readonly type: "queue.resumed";
}
export interface QueueMoved extends OfEntry {
  readonly type: "queue.moved";
  readonly rank: string;
  readonly reason: string;
}
export interface QueuePrioritised extends OfEntry {
  readonly type: "queue.prioritised";
  readonly priority: Priority;
  readonly rank: string;
  readonly reason: string;
}
/** The first step of a transfer or an admission. */
export interface QueueLeaving extends OfEntry {
  readonly type: "queue.leaving";
  readonly transfer: string;
  readonly to: RoomRef;
  readonly by: StaffName;
  readonly clinician: StaffName | null;
}
/**
 * The target refused (`code`) or did not answer in time (null). Either way it is asked not to let the entry
 * in any more, as an earlier request may still be on its way to it.
 */
export interface QueueRecalled extends OfEntry {
  readonly type: "queue.recalled";
  readonly code: string | null;
}
/** The target did not let the entry in: it is here again, where it was. */
export interface QueueReturned extends OfEntry {
  readonly type: "queue.returned";
  readonly code: string;
}
/** A place has ended. For a transfer or an admission this is the last step: the entry is in the target. */
export interface QueueLeft extends OfEntry {
  readonly type: "queue.left";
  readonly patient: string;
  readonly how: DepartureKind;
  readonly by: StaffName | null;
  /** What staff wrote; shown to the patient. */
  readonly reason: string | null;
  readonly waitingSince: number;
}
/** An entry of another queue is here now: the commit point of its transfer. */
export interface QueueArrived extends OfEntry {
  readonly type: "queue.arrived";
  readonly transfer: string;
  readonly from: RoomRef;
  readonly patient: string;
  readonly name: string;
  readonly reason: string;
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly checkIn: CheckIn | null;
  readonly priority: Priority;
  readonly waitingSince: number;
  readonly visit: string | null;
  readonly rank: string;
  readonly by: StaffName;
}
/** A transfer that was called back before it arrived: it is not let in any more. */
export interface QueueDeclined extends DomainEvent {
  readonly type: "queue.declined";
  readonly transfer: string;
}
export interface QueueNotified extends DomainEvent {
  readonly type: "queue.notified";
  /** null: everyone. */
  readonly entry: string | null;
  readonly body: string;
}
export interface QueueWentOffline extends OfEntry {
  readonly type: "queue.wentOffline";
}
export interface QueueCameBack extends OfEntry {
  readonly type: "queue.cameBack";
}
export interface QueueWentAway extends OfEntry {
  readonly type: "queue.wentAway";
}
export interface QueueLongWait extends OfEntry {
  readonly type: "queue.longWait";
}
/** The room has woken without its connections: everyone has to come back. */
export interface QueueWoke extends DomainEvent {
  readonly type: "queue.woke";
}
/** The patient has entered the visit they were admitted to. */
export interface QueueUsed extends DomainEvent {
  readonly type: "queue.used";
  readonly patient: string;
  readonly visit: string;
}
/** A visit that this queue gave has ended. `ms` is null where it never began. */
export interface QueueServed extends DomainEvent {
  readonly type: "queue.served";
  readonly visit: string;
  readonly clinician: string | null;
  readonly patient: string;
  readonly ms: number | null;
}

export type QueueEvent =
  | QueueCreated
  | QueueConfigured
  | QueueCarriedOn
  | QueueStaffChanged
  | QueueOpened
  | QueueClosed
  | QueueSuspended
  | QueueDutyChanged
  | QueueJoined
  | QueueCheckedIn
  | QueueCalled
  | QueueConfirmed
  | QueueUnanswered
  | QueueHeld
  | QueueResumed
  | QueueMoved
  | QueuePrioritised
  | QueueLeaving
  | QueueRecalled
  | QueueReturned
  | QueueLeft
  | QueueArrived
  | QueueDeclined
  | QueueNotified
  | QueueWentOffline
  | QueueCameBack
  | QueueWentAway
  | QueueLongWait
  | QueueWoke
  | QueueUsed
  | QueueServed;

export function isQueueEvent(event: DomainEvent): event is QueueEvent {
  return event.type.startsWith("queue.");
}
