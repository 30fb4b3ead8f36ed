import type { Command } from "../feature.ts";
import type { RoomRef } from "../room.ts";
import type { GuestRole, MediaKind, Message, PersonName, VisitOutcome } from "./state.ts";

interface Identified extends Command {
  readonly id: string;
}

export interface CreateVisit extends Identified {
  readonly name: "visit.create";
  readonly patient: PersonName;
  readonly clinician: PersonName | null;
  readonly reason: string;
  readonly schedule: { readonly at: number; readonly minutes: number } | null;
}
export interface RescheduleVisit extends Identified {
  readonly name: "visit.reschedule";
  readonly at: number;
  readonly minutes: number;
  /** Revisions of the schedule that it is a change of. */
  readonly expected?: readonly string[] | undefined;
}
export interface CancelVisit extends Identified {
  readonly name: "visit.cancel";
  readonly reason: string;
}
export interface Knock extends Identified {
  readonly name: "visit.knock";
}
export interface AdmitParticipant extends Identified {
  readonly name: "visit.admit";
  readonly participant: string;
}
export interface RemoveParticipant extends Identified {
  readonly name: "visit.remove";
  readonly participant: string;
}
export interface LockVisit extends Identified {
  readonly name: "visit.lock";
  readonly on: boolean;
}
export interface HoldVisit extends Identified {
  readonly name: "visit.hold";
  readonly on: boolean;
}
/** `invitation` and `hash` are made from the request, so that a repeat gives the same code. */
export interface Invite extends Identified {
  readonly name: "visit.invite";
  readonly role: GuestRole;
  readonly label: string;
  readonly invitation: string;
  readonly hash: string;
  /** How long it is good for (ms). */
  readonly lastsMs: number;
}
export interface Revoke extends Identified {
  readonly name: "visit.revoke";
  readonly invitation: string;
}
/** A guest shows a code; the engine alone issues this. */
export interface Accept extends Identified {
  readonly name: "visit.accept";
  readonly invitation: string;
  readonly hash: string;
  readonly guest: string;
  readonly guestName: string;
}
export interface TransferVisit extends Identified {
  readonly name: "visit.transfer";
  /** null: no such clinician in the organisation. */
  readonly to: PersonName | null;
}
export interface TakeNote extends Identified {
  readonly name: "visit.note";
  readonly body: string;
  readonly shared: boolean;
}
export interface StartVisit extends Identified {
  readonly name: "visit.start";
}
export interface EndVisit extends Identified {
  readonly name: "visit.end";
  readonly outcome: VisitOutcome;
}
export interface GiveSurvey extends Identified {
  readonly name: "visit.survey";
  readonly rating: number;
  readonly comment: string;
}
/** What the others now receive of whoever asks. */
export interface ChangeMedia extends Identified {
  readonly name: "visit.media";
  readonly media: MediaKind;
}
export interface DueVisit extends Identified {
  readonly name: "visit.due";
  readonly at: number;
}
export interface NoteVisitPresence extends Command {
  readonly name: "visit.presence";
  readonly id: null;
  readonly person: string;
  readonly online: boolean;
}
export interface WakeVisit extends Command {
  readonly name: "visit.wake";
  readonly id: null;
}
/** A patient is admitted from a queue; makes the visit where there is none yet. */
export interface ArriveInVisit extends Identified {
  readonly name: "visit.arrive";
  readonly transfer: string;
  readonly from: RoomRef;
  /** The visit's own id. */
  readonly visit: string;
  readonly entry: string;
  readonly patient: string;
  readonly patientName: string;
  readonly reason: string;
  readonly clinician: PersonName | null;
}
export interface DeclineAdmission extends Identified {
  readonly name: "visit.decline";
  readonly transfer: string;
}
/** The queue has answered. */
export interface ReportDone extends Identified {
  readonly name: "visit.report";
  readonly what: Message["what"];
  readonly transfer: string;
}

export type VisitCommand =
  | CreateVisit
  | RescheduleVisit
  | CancelVisit
  | Knock
  | AdmitParticipant
  | RemoveParticipant
  | LockVisit
  | HoldVisit
  | Invite
  | Revoke
  | Accept
  | TransferVisit
  | TakeNote
  | StartVisit
  | EndVisit
  | GiveSurvey
  | ChangeMedia
  | DueVisit
  | NoteVisitPresence
  | WakeVisit
  | ArriveInVisit
  | DeclineAdmission
  | ReportDone;

export function isVisitCommand(command: Command): command is VisitCommand {
  return command.name.startsWith("visit.");
}
