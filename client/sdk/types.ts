import type { Member, MemberRole } from "../../core/domain/conversation/state.ts";
import type { MessageView } from "../../core/domain/conversation/view.ts";
import type { Rejection } from "../../core/domain/errors.ts";
import type { ResumedEvent } from "../../core/protocol/events.ts";

export type {
  SecondFactor,
  SecondFactorEnrolment,
  SignInSession,
} from "../../core/protocol/rest-identity.ts";

import type { ChatSummary, Me, Person, QueueSummary, VisitItem } from "../../core/protocol/rest.ts";
import type {
  SecondFactor,
  SecondFactorEnrolment,
  SignInSession,
} from "../../core/protocol/rest-identity.ts";
import type { SearchResults } from "../../core/protocol/rest-search.ts";
import type { Board, Waiting } from "./queue/types.ts";
import type { Visit } from "./visit/types.ts";

/**
 * Where a connection stands. `connecting`: first join; `live`: everything shown is current; `recovering`:
 * the connection broke or a gap was found, and it is being mended; `offline`: the device or the server
 * cannot be reached, tries go on; `closed`: ended for good, see `reason`.
 */
export type ConnectionStatus = "connecting" | "live" | "recovering" | "offline" | "closed";

/** A message of mine on its way. It leaves the outbox when its event arrives, also after a reload. */
export interface OutgoingMessage {
  readonly id: string;
  readonly body: string;
  readonly replyTo?: number;
  /** When it was written, on this device's clock (ms). */
  readonly writtenAt: number;
  /** `refused` stays until `discard(id)` or `retry(id)`. */
  readonly status: "sending" | "refused";
  readonly rejection?: Rejection;
}

export interface ChatMemberView extends Member {
  readonly person: string;
  readonly online: boolean;
}

/** One immutable picture of a chat; a new one is made for every change. */
export interface ChatSnapshot {
  readonly id: string;
  readonly title: string;
  readonly status: ConnectionStatus;
  /** Why it is `closed`. */
  readonly reason: Rejection | null;
  readonly me: string;
  readonly myRole: MemberRole | null;
  readonly members: readonly ChatMemberView[];
  /** In seq order, without gaps from the oldest loaded one on. */
  readonly messages: readonly MessageView[];
  readonly outbox: readonly OutgoingMessage[];
  /** Person → read up to that seq. */
  readonly cursors: Readonly<Record<string, number>>;
  /** People other than me who are typing. */
  readonly typing: readonly string[];
  readonly lastSeq: number;
  /** Whether `loadOlder()` would find more. */
  readonly hasOlder: boolean;
}

export interface ChatEvents {
  /** Any change; the new picture. */
  change: ChatSnapshot;
  /**
   * Every event delivered since the chat was joined, exactly once, in seq order, also across reconnections.
   * A text that was gone by the time it could be fetched is null.
   */
  event: ResumedEvent;
  status: ConnectionStatus;
}

/** A conversation that keeps itself current until `leave()`. */
export interface Chat {
  readonly id: string;
  readonly snapshot: ChatSnapshot;
  on<K extends keyof ChatEvents>(name: K, listener: (value: ChatEvents[K]) => void): () => void;
  /** Keeps the message in the outbox and sends it; resolves when it is durable, rejects when refused. */
  send(
    body: string,
    options?: { readonly replyTo?: number },
  ): Promise<{ readonly seq: number; readonly at: number }>;
  /** Sends a refused message again, under a new id. */
  retry(id: string): void;
  discard(id: string): void;
  edit(of: number, body: string): Promise<void>;
  delete(of: number): Promise<void>;
  react(of: number, emoji: string, on: boolean): Promise<void>;
  setMember(person: string, role: MemberRole | null): Promise<void>;
  /** Moves my cursor; calls are coalesced, and never move it back. */
  markRead(seq: number): void;
  /** Call on every keystroke; the SDK throttles, and says "off" after a pause. */
  typing(on: boolean): void;
  loadOlder(): Promise<void>;
  leave(): Promise<void>;
}

export interface SignIn {
  /** Origin of the server; in a browser the page's own by default. */
  readonly url?: string;
  readonly username: string;
  readonly password: string;
}

/** A guest on the way into a visit. */
export interface AcceptInvitation {
  /** Origin of the server; in a browser the page's own by default. */
  readonly url?: string;
  /** From the invitation's link; good for one person. */
  readonly code: string;
  /** How the guest is to be called. */
  readonly name: string;
}

/** Times in ms since the epoch; `from` counts in, `to` does not. */
export interface VisitsQuery {
  readonly from?: number;
  readonly to?: number;
  readonly clinician?: string;
}

export interface HugMeDoEvents {
  /** The session ended (revoked, or its refresh token is no longer good): sign in again. */
  signedOut: Rejection;
}

export type * from "./call/types.ts";
export type * from "./call/visit-call.ts";
export type * from "./queue/types.ts";
export type * from "./visit/types.ts";

/** What people are asked to agree to, in one language. A change of it is a new version. */
export interface ConsentText {
  readonly kind: string;
  readonly language: string;
  readonly version: number;
  readonly body: string;
}

/** A signed-in person. Access tokens are refreshed silently. */
/** Where I am signed in, and my second factor. */
export interface Security {
  /** The last used first. */
  sessions(): Promise<readonly SignInSession[]>;
  endSession(id: string): Promise<void>;
  endOtherSessions(): Promise<void>;
  secondFactor(): Promise<SecondFactor>;
  /** Begins to set up a second factor: what an authenticator app is given. */
  enrol(password: string): Promise<SecondFactorEnrolment>;
  /** The app's first code. Resolves with the recovery codes. */
  confirm(code: string): Promise<readonly string[]>;
  remove(code: string): Promise<void>;
}

export interface Session {
  readonly me: Me;
  on<K extends keyof HugMeDoEvents>(name: K, listener: (value: HugMeDoEvents[K]) => void): () => void;
  chats(): Promise<readonly ChatSummary[]>;
  people(query?: string): Promise<readonly Person[]>;
  /** What people are asked to agree to in my organisation's own words: the latest of each kind and language. */
  consentTexts(): Promise<readonly ConsentText[]>;
  createChat(chat: {
    readonly title: string;
    readonly members: readonly { readonly person: string; readonly role: MemberRole }[];
  }): Promise<ChatSummary>;
  /** Joins at once; the chat is `connecting` until the first state is here. Joining twice gives the same object. */
  joinChat(id: string): Chat;
  /** Enters a waiting room as a patient; the place itself is taken by `join()`. Twice gives the same object. */
  joinQueue(id: string): Waiting;
  /** Runs a queue as one of its staff. Twice gives the same object. */
  runQueue(id: string): Board;
  /** Joins a visit, or comes to its door. Twice gives the same object. */
  joinVisit(id: string): Visit;
  /** The queues that I may join or run. */
  queues(): Promise<readonly QueueSummary[]>;
  /** My visits, or for staff those of a day: soonest first. */
  visits(query?: VisitsQuery): Promise<readonly VisitItem[]>;
  /** Messages, people, visits, files and rooms that I may see: the best first; pass `next` back as `after`. */
  search(
    query: string,
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<SearchResults>;
  /** A file of a visit's recording, as `recordings()` of the visit names it. For those who may read them. */
  recordingFile(visit: string, recording: string, name: string): Promise<Blob>;
  readonly security: Security;
  /** Closes every room, revokes the refresh token. */
  signOut(): Promise<void>;
}
