import type { Rejection } from "../../../core/domain/errors.ts";
import type { UnmaskReason } from "../../../core/domain/masking/view.ts";
import type { QueueMetrics } from "../../../core/domain/queue/metrics.ts";
import type { CheckIn, CheckInField, Opening, Priority } from "../../../core/domain/queue/state.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type {
  AdmittedMessage,
  CalledMessage,
  NoticeMessage,
  PlaceMessage,
} from "../../../core/protocol/queue.ts";
import type { ConnectionStatus } from "../types.ts";

/** What everyone in the waiting room sees of the queue itself. Times are ms since the epoch. */
export interface QueueInfo {
  readonly id: string;
  readonly title: string;
  readonly opening: Opening;
  readonly suspended: { readonly until: number | null; readonly notice: string } | null;
  readonly nextHours: number | null;
  readonly asks: readonly CheckInField[];
  readonly callSeconds: number;
  readonly expectedMinutes: number;
  readonly notices: readonly { readonly body: string; readonly at: number }[];
}

/** One immutable picture of a patient's own place; a new one is made for every change. */
export interface WaitingSnapshot {
  readonly status: ConnectionStatus;
  readonly reason: Rejection | null;
  /** null until the first state is here. */
  readonly queue: QueueInfo | null;
  /** null until the server has said; `status` "none": no place. */
  readonly place: PlaceMessage | null;
  /** Set while the patient is called and has not confirmed. */
  readonly called: CalledMessage | null;
  /** The visit that is open for the patient: join it. */
  readonly admitted: AdmittedMessage | null;
  /** Notices to everyone and to this patient, oldest first, at most 20. */
  readonly notices: readonly NoticeMessage[];
}

export interface WaitingEvents {
  change: WaitingSnapshot;
  place: PlaceMessage;
  called: CalledMessage;
  admitted: AdmittedMessage;
  notice: NoticeMessage;
  status: ConnectionStatus;
}

export interface JoinReason {
  readonly reason: string;
  readonly language?: string;
  readonly needs?: readonly string[];
  /** A visit that was scheduled beforehand. */
  readonly visit?: string;
}

/**
 * A patient's side of a queue, current until `disconnect()`. Requests that get no answer are sent again
 * under the same id until they do; a transfer to another queue is followed by itself.
 */
export interface Waiting {
  /** Of the queue; another one after a transfer. */
  readonly id: string;
  readonly snapshot: WaitingSnapshot;
  on<K extends keyof WaitingEvents>(name: K, listener: (value: WaitingEvents[K]) => void): () => void;
  join(reason: JoinReason): Promise<CommandReply>;
  checkIn(data: CheckIn): Promise<CommandReply>;
  confirm(): Promise<CommandReply>;
  /** Gives the place up. */
  leave(): Promise<CommandReply>;
  /** Closes the connection; the place is kept for the grace time. */
  disconnect(): Promise<void>;
}

/** One entry as the staff see it. */
export interface EntryView {
  readonly id: string;
  readonly patient: string;
  readonly name: string;
  readonly reason: string;
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly ready: boolean;
  /** What the patient gave at check-in. */
  readonly checkIn: {
    readonly identity: string;
    readonly location: string;
    readonly emergencyContact: string;
  };
  readonly priority: Priority;
  readonly rank: string;
  /** From 1, in the order of ranks. */
  readonly place: number;
  readonly status: "waiting" | "called" | "confirmed" | "held" | "away" | "leaving";
  readonly joinedAt: number;
  readonly waitingSince: number;
  readonly online: boolean;
  readonly offlineSince: number | null;
  /** Who has called, holds or moves the patient, and since when. */
  readonly by: { readonly person: string; readonly name: string; readonly at: number } | null;
  readonly missed: number;
  readonly longWait: boolean;
  readonly notice: string | null;
  /** Why the last transfer or admission came back: an error code. */
  readonly returned: string | null;
  readonly visit: string | null;
}

export interface DutyView {
  readonly person: string;
  readonly name: string;
  readonly status: "available" | "in_visit" | "away";
  readonly since: number;
  readonly clinician: boolean;
  readonly visit: string | null;
}

export interface DepartureView {
  readonly entry: string;
  readonly patient: string;
  readonly name: string;
  readonly how: string;
  readonly at: number;
  readonly byName: string;
  readonly to: string;
}

/** One immutable picture of a queue for its staff. */
export interface BoardSnapshot {
  readonly status: ConnectionStatus;
  readonly reason: Rejection | null;
  readonly queue: QueueInfo | null;
  readonly me: string;
  /** In the order in which they are to be seen. */
  readonly entries: readonly EntryView[];
  readonly duty: readonly DutyView[];
  /** Who may run this queue: person → name. */
  readonly staff: Readonly<Record<string, string>>;
  /** Places that ended lately, newest first. */
  readonly departed: readonly DepartureView[];
}

export interface BoardEvents {
  change: BoardSnapshot;
  status: ConnectionStatus;
}

/**
 * A queue as its staff run it, current until `disconnect()`. Each command rejects with HugMeDoError; where a
 * colleague was faster its code is `entry_taken` or `entry_gone`, and `first` says who and when.
 */
export interface Board {
  readonly id: string;
  readonly snapshot: BoardSnapshot;
  on<K extends keyof BoardEvents>(name: K, listener: (value: BoardEvents[K]) => void): () => void;
  call(entry: string): Promise<CommandReply>;
  admit(entry: string, options?: { readonly clinician?: string }): Promise<CommandReply>;
  hold(entry: string): Promise<CommandReply>;
  /** Ends a hold, or takes a call back. */
  resume(entry: string): Promise<CommandReply>;
  /** `before` null: to the end. */
  move(entry: string, before: string | null, reason: string): Promise<CommandReply>;
  prioritise(entry: string, priority: Priority, reason: string): Promise<CommandReply>;
  transfer(entry: string, to: string): Promise<CommandReply>;
  /** Without `entry` to everyone. */
  notify(body: string, entry?: string): Promise<CommandReply>;
  noShow(entry: string): Promise<CommandReply>;
  remove(entry: string, reason: string): Promise<CommandReply>;
  open(): Promise<CommandReply>;
  close(): Promise<CommandReply>;
  suspend(options?: { readonly until?: number; readonly notice?: string }): Promise<CommandReply>;
  duty(status: "available" | "away" | "off"): Promise<CommandReply>;
  /** What a patient gave at check-in, plain. It is recorded who saw what of whom, and why. */
  unmask(
    entry: string,
    fields: readonly CheckInField[],
    reason: UnmaskReason,
  ): Promise<Partial<Readonly<Record<CheckInField, string>>>>;
  metrics(): Promise<QueueMetrics>;
  disconnect(): Promise<void>;
}
