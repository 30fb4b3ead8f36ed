import type { Command } from "../feature.ts";
import type { RoomRef } from "../room.ts";
import type { CheckIn, DeadlineKind, Leaving, Priority, QueueSettings, StaffName } from "./state.ts";

interface Identified extends Command {
  readonly id: string;
}
interface OnEntry extends Identified {
  readonly entry: string;
}

export interface CreateQueue extends Identified {
  readonly name: "queue.create";
  readonly settings: QueueSettings;
  readonly staff: readonly StaffName[];
}
export interface ConfigureQueue extends Identified {
  readonly name: "queue.configure";
  readonly settings: Partial<QueueSettings>;
  /** Revisions of the settings that it is a change of. */
  readonly expected?: readonly string[] | undefined;
}
export interface ChangeStaff extends Identified {
  readonly name: "queue.staff";
  readonly person: string;
  readonly on: boolean;
  /** The person's name in the directory; null: no such person, or they are not staff. */
  readonly personName: string | null;
}
export interface OpenQueue extends Identified {
  readonly name: "queue.open";
}
export interface CloseQueue extends Identified {
  readonly name: "queue.close";
}
export interface SuspendQueue extends Identified {
  readonly name: "queue.suspend";
  readonly until: number | null;
  readonly notice: string;
}
export interface SetDuty extends Identified {
  readonly name: "queue.duty";
  readonly status: "available" | "away" | "off";
}

/** `entry` is made from the request, so that a repeat makes the same. */
export interface JoinQueue extends OnEntry {
  readonly name: "queue.join";
  readonly reason: string;
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly visit: string | null;
}
export interface CheckInEntry extends Identified {
  readonly name: "queue.checkIn";
  readonly checkIn: CheckIn;
}
export interface ConfirmCall extends Identified {
  readonly name: "queue.confirm";
}
export interface LeaveQueue extends Identified {
  readonly name: "queue.leave";
}

export interface CallEntry extends OnEntry {
  readonly name: "queue.call";
}
/** `visit`: where the patient will be seen, unless one was scheduled. `transfer` is made from the request. */
export interface AdmitEntry extends OnEntry {
  readonly name: "queue.admit";
  readonly transfer: string;
  readonly visit: string;
  /** Who sees the patient; null: whoever admits, or else whoever has been free for longest. */
  readonly clinician: string | null;
}
export interface HoldEntry extends OnEntry {
  readonly name: "queue.hold";
}
export interface ResumeEntry extends OnEntry {
  readonly name: "queue.resume";
}
/** `before`: the entry that comes next then; null: to the end. */
export interface MoveEntry extends OnEntry {
  readonly name: "queue.move";
  readonly before: string | null;
  readonly reason: string;
}
export interface PrioritiseEntry extends OnEntry {
  readonly name: "queue.prioritise";
  readonly priority: Priority;
  readonly reason: string;
}
export interface TransferEntry extends OnEntry {
  readonly name: "queue.transfer";
  readonly transfer: string;
  readonly to: string;
  /** Whether there is a queue of that name in the organisation. */
  readonly known: boolean;
}
export interface NotifyEntry extends Identified {
  readonly name: "queue.notify";
  readonly entry: string | null;
  readonly body: string;
}
export interface MarkNoShow extends OnEntry {
  readonly name: "queue.noShow";
}
export interface RemoveEntry extends OnEntry {
  readonly name: "queue.remove";
  readonly reason: string;
}

/** Deadlines have come. */
export interface DueQueue extends Identified {
  readonly name: "queue.due";
  readonly at: number;
  readonly kind: DeadlineKind;
}
/** The last connection of a patient has gone, or the first has come. */
export interface NotePresence extends Command {
  readonly name: "queue.presence";
  readonly id: null;
  readonly person: string;
  readonly online: boolean;
}
/** The room is awake, without the connections it had. */
export interface WakeQueue extends Command {
  readonly name: "queue.wake";
  readonly id: null;
}

/** The other rooms' side of transfers and admissions; the engine alone issues these. */
export interface ArriveInQueue extends OnEntry {
  readonly name: "queue.arrive";
  readonly transfer: string;
  readonly from: RoomRef;
  readonly patient: string;
  readonly patientName: string;
  readonly reason: string;
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly checkIn: CheckIn | null;
  readonly priority: Priority;
  readonly waitingSince: number;
  readonly visit: string | null;
  readonly by: StaffName;
}
/** Answers with `already_exists` when the transfer has arrived; else it never will. */
export interface DeclineTransfer extends Identified {
  readonly name: "queue.decline";
  readonly transfer: string;
}
/** What the target of a transfer said in a phase of it. `code` is null where the entry is there. */
export interface SettleTransfer extends Identified {
  readonly name: "queue.settle";
  readonly entry: string;
  readonly transfer: string;
  readonly phase: Leaving["phase"];
  readonly code: string | null;
}
export interface VisitUsed extends Identified {
  readonly name: "queue.used";
  readonly transfer: string;
  readonly patient: string;
  readonly visit: string;
}
export interface VisitServed extends Identified {
  readonly name: "queue.served";
  readonly transfer: string;
  readonly visit: string;
  readonly patient: string;
  readonly clinician: string | null;
  readonly ms: number | null;
}

export type QueueCommand =
  | CreateQueue
  | ConfigureQueue
  | ChangeStaff
  | OpenQueue
  | CloseQueue
  | SuspendQueue
  | SetDuty
  | JoinQueue
  | CheckInEntry
  | ConfirmCall
  | LeaveQueue
  | CallEntry
  | AdmitEntry
  | HoldEntry
  | ResumeEntry
  | MoveEntry
  | PrioritiseEntry
  | TransferEntry
  | NotifyEntry
  | MarkNoShow
  | RemoveEntry
  | DueQueue
  | NotePresence
  | WakeQueue
  | ArriveInQueue
  | DeclineTransfer
  | SettleTransfer
  | VisitUsed
  | VisitServed;

export function isQueueCommand(command: Command): command is QueueCommand {
  return command.name.startsWith("queue.");
}
