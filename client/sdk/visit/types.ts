import type { ConsentKind, ShownText } from "../../../core/domain/consent/consent.ts";
import type { Rejection } from "../../../core/domain/errors.ts";
import type {
  Admission,
  GuestRole,
  InvitationStatus,
  MediaKind,
  VisitOutcome,
  VisitPhase,
  VisitRole,
} from "../../../core/domain/visit/state.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type { RecordingItem, RecordingStateMessage } from "../../../core/protocol/recording.ts";
import type { InviteReply, VisitSummary, YouMessage } from "../../../core/protocol/visit.ts";
import type { CallView, VisitCall } from "../call/visit-call.ts";
import type { Chat, ConnectionStatus } from "../types.ts";
import type { VisitRecorder } from "./visit-recorder.ts";

export interface ParticipantView {
  readonly person: string;
  readonly name: string;
  readonly role: VisitRole;
  readonly admission: Admission;
  readonly online: boolean;
  readonly media: MediaKind;
}

export interface InvitationView {
  readonly id: string;
  readonly role: GuestRole;
  readonly label: string;
  readonly expiresAt: number;
  readonly status: InvitationStatus;
  readonly guest: string | null;
}

export interface ConsentView {
  readonly person: string;
  readonly name: string;
  readonly what: ConsentKind;
  readonly givenAt: number;
  /** null: it holds. */
  readonly withdrawnAt: number | null;
}

/** Whether the visit is being recorded, since when it stands so (ms), and why. */
export type RecordingView = RecordingStateMessage;
export type { RecordingItem };

/** One immutable picture of a visit. Times are ms since the epoch. */
export interface VisitSnapshot {
  readonly id: string;
  readonly status: ConnectionStatus;
  readonly reason: Rejection | null;
  readonly me: string;
  /** Where I stand; null until the server has said. */
  readonly you: YouMessage | null;
  readonly phase: VisitPhase;
  readonly outcome: VisitOutcome | null;
  readonly locked: boolean;
  readonly held: boolean;
  readonly schedule: { readonly at: number; readonly minutes: number } | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly clinicianName: string;
  /** What follows is empty for whoever is at the door. */
  readonly patient: string | null;
  readonly clinician: string | null;
  readonly about: string;
  readonly participants: readonly ParticipantView[];
  readonly invitations: readonly InvitationView[];
  readonly consents: readonly ConsentView[];
  readonly call: CallView;
  readonly recording: RecordingView;
}

export interface VisitEvents {
  change: VisitSnapshot;
  you: YouMessage;
  status: ConnectionStatus;
}

/** A visit, current until `leave()`. Its conversation shares the visit's connection. */
export interface Visit {
  readonly id: string;
  readonly snapshot: VisitSnapshot;
  /** The visit's conversation; `connecting` while one is at the door. Its `leave()` ends it alone, not the visit. */
  readonly chat: Chat;
  /** What `joinCall(visit)` makes a call of. */
  readonly call: VisitCall;
  /** For whoever's browser records the call. */
  readonly recorder: VisitRecorder;
  on<K extends keyof VisitEvents>(name: K, listener: (value: VisitEvents[K]) => void): () => void;
  knock(): Promise<CommandReply>;
  admit(participant: string): Promise<CommandReply>;
  remove(participant: string): Promise<CommandReply>;
  lock(on: boolean): Promise<CommandReply>;
  hold(on: boolean): Promise<CommandReply>;
  /** The code is in the reply and nowhere else. */
  invite(
    role: GuestRole,
    options?: { readonly label?: string; readonly expiresInSeconds?: number },
  ): Promise<InviteReply>;
  revoke(invitation: string): Promise<CommandReply>;
  transfer(to: string): Promise<CommandReply>;
  note(body: string, options?: { readonly shared?: boolean }): Promise<CommandReply>;
  start(): Promise<CommandReply>;
  end(outcome: "completed" | "referred" | "interrupted" | "no_show"): Promise<CommandReply>;
  survey(rating: number, comment?: string): Promise<CommandReply>;
  /** What the others now receive of me. */
  media(media: MediaKind): Promise<CommandReply>;
  /** `text`: the version of the organisation's text that is on the screen. */
  consent(what: ConsentKind, on: boolean, text?: ShownText): Promise<CommandReply>;
  /** For clinicians: begins or goes on with a recording, once everyone inside agrees to it; or ends it. */
  record(on: boolean): Promise<CommandReply>;
  summary(): Promise<VisitSummary>;
  /** For the patient and clinicians: what was recorded; the files for clinicians alone. Oldest first. */
  recordings(): Promise<readonly RecordingItem[]>;
  leave(): Promise<void>;
}
