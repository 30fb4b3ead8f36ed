import type { VisitState } from "../visit/state.ts";

/** The ways a call can run. The order in which they are tried is a setting. */
export const backendNames = ["chime", "mediasoup", "peer"] as const;
export type BackendName = (typeof backendNames)[number];

/** What somebody's device and browser can do. */
export interface Capabilities {
  readonly backends: readonly BackendName[];
  /** Whether they have a microphone and a camera to give. */
  readonly audio: boolean;
  readonly video: boolean;
}

/** Somebody in the call. */
export interface Caller extends Capabilities {
  readonly since: number;
  /** Gives way when both sides of a `peer` call make an offer at once: one of the two does. */
  readonly polite: boolean;
  /** Since when it is not known whether they are still there; null: they are. */
  readonly lostAt: number | null;
}

/** `none`: nobody is in the call. `unavailable`: no backend serves; see `retryAt`. */
export type SessionStage = "none" | "opening" | "open" | "unavailable";

/** What the call runs on. `n` counts up and never comes back. */
export interface Session {
  readonly n: number;
  readonly backend: BackendName;
  /** Where the backend keeps it, in the backend's own words; null: nowhere. */
  readonly place: string | null;
}

/** For how long the call ran on something. */
export interface SessionRecord {
  readonly n: number;
  readonly backend: BackendName;
  readonly from: number;
  readonly to: number | null;
}

/** For how long people were in the call and nothing carried it. */
export interface Gap {
  readonly reason: string;
  readonly from: number;
  readonly to: number | null;
}

/** The call of a visit, which outlives every backend that carries it. Times are ms since the epoch. */
export interface CallState {
  readonly stage: SessionStage;
  /** The latest one, also while nobody is in the call; null: there has been none. */
  readonly session: Session | null;
  /** Why it took another one's place; null: it did not. */
  readonly reason: string | null;
  /** Since when the session stands where it stands. */
  readonly since: number;
  readonly people: Readonly<Record<string, Caller>>;
  /** The backends as they are to be tried, as the room last knew it. */
  readonly order: readonly BackendName[];
  /** Those that failed since one held for long enough. */
  readonly failed: readonly BackendName[];
  /** How often, in a row. */
  readonly failures: number;
  /** When the next one is tried; null: nothing more is tried until somebody joins. */
  readonly retryAt: number | null;
  /** Those whom the session does not reach, while it reaches others. */
  readonly troubled: readonly string[];
  /** Sessions that their backend has yet to end. */
  readonly closing: readonly Session[];
  readonly sessions: readonly SessionRecord[];
  readonly gaps: readonly Gap[];
}

/** A call lives within its visit: who may be in it follows from who is inside. */
export interface CallInVisit {
  readonly visit: VisitState;
  readonly call: CallState;
}

export const peopleLimit = 16;
/** A `peer` call is between two. */
export const peerLimit = 2;
export const recordLimit = 200;
/** Said of a session that its backend does not have any more. */
export const goneReason = "session_gone";
/** After a restart of the room, people have so long to come back into their call. */
export const graceMs = 30_000;
/** A session that held for so long makes the failures before it forgotten. */
export const steadyMs = 60_000;
/** The pause before each try after the first failure, second failure, …; then nothing more is tried. */
export const pausesMs: readonly number[] = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

export const initialCall: CallState = {
  stage: "none",
  session: null,
  reason: null,
  since: 0,
  people: {},
  order: [],
  failed: [],
  failures: 0,
  retryAt: null,
  troubled: [],
  closing: [],
  sessions: [],
  gaps: [],
};

/** The reason of what goes on elsewhere as its place is about to end: nothing has failed. */
export const drainReason = "drain";

export function callerOf({ people }: CallState, person: string): Caller | undefined {
  return Object.hasOwn(people, person) ? people[person] : undefined;
}
