import type { RoomRef } from "../room.ts";

export const visitRoles = ["patient", "clinician", "interpreter", "family", "observer"] as const;
export type VisitRole = (typeof visitRoles)[number];
/** Roles that somebody can be invited to. */
export const guestRoles = ["interpreter", "family", "observer"] as const;
export type GuestRole = (typeof guestRoles)[number];

export type VisitPhase = "scheduled" | "waiting" | "in_progress" | "ended";

/** How a visit may be ended by hand. */
export const endOutcomes = ["completed", "referred", "interrupted", "no_show"] as const;
export const visitOutcomes = [...endOutcomes, "cancelled"] as const;
export type VisitOutcome = (typeof visitOutcomes)[number];

/** `expected`: may come to the door; `knocking`: is there and asks to be let in. */
export type Admission = "expected" | "knocking" | "admitted" | "removed";

/** What of a person the others receive. */
export const mediaKinds = ["video", "audio", "none"] as const;
export type MediaKind = (typeof mediaKinds)[number];

export interface Participant {
  readonly name: string;
  readonly role: VisitRole;
  readonly admission: Admission;
  /** Since when they are in the room or at its door; null: they are not here. */
  readonly presentSince: number | null;
  readonly media: MediaKind;
  /** Through which invitation they came. */
  readonly invitation: string | null;
}

export type InvitationStatus = "open" | "accepted" | "revoked" | "expired";

/** A one-time way in for one person. The code itself is never kept. */
export interface Invitation {
  readonly role: GuestRole;
  /** For whom, as staff wrote it. */
  readonly label: string;
  readonly hash: string;
  readonly expiresAt: number;
  readonly status: InvitationStatus;
  readonly by: string;
  /** The guest who came by it. */
  readonly guest: string | null;
}

export interface PersonName {
  readonly person: string;
  readonly name: string;
}

/** The queue that the patient came from, and under which id it knows this visit. */
export interface Origin {
  readonly queue: RoomRef;
  readonly visit: string;
  readonly entry: string;
  readonly transfer: string;
}

export interface MediaLogEntry {
  readonly person: string;
  readonly media: MediaKind;
  readonly at: number;
}

export interface Note {
  readonly body: string;
  readonly at: number;
  readonly by: PersonName;
  /** Whether the patient sees it in their summary. */
  readonly shared: boolean;
}

export interface Survey {
  /** 1 (bad) to 5 (good). */
  readonly rating: number;
  readonly comment: string;
  readonly at: number;
}

/** Something that the queue of an admission has to be told, until it has answered. */
export interface Message {
  readonly what: "used" | "served";
  readonly origin: Origin;
  readonly ms: number | null;
}

/** One visit: who is there, where it stands, and what has to outlive it. Times are ms since the epoch. */
export interface VisitState {
  readonly created: boolean;
  readonly patient: PersonName;
  /** Who is responsible; null: not decided yet. */
  readonly clinician: PersonName | null;
  readonly reason: string;
  readonly origin: Origin | null;
  readonly schedule: { readonly at: number; readonly minutes: number } | null;
  readonly phase: VisitPhase;
  readonly outcome: VisitOutcome | null;
  readonly createdAt: number;
  /** When the patient was sent here from the queue. */
  readonly arrivedAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Whether the patient has been here, since they were last sent here from a queue. */
  readonly entered: boolean;
  readonly locked: boolean;
  readonly held: boolean;
  readonly participants: Readonly<Record<string, Participant>>;
  readonly invitations: Readonly<Record<string, Invitation>>;
  readonly mediaLog: readonly MediaLogEntry[];
  readonly notes: readonly Note[];
  readonly survey: Survey | null;
  readonly declined: readonly string[];
  readonly arrived: readonly string[];
  readonly messages: readonly Message[];
  /** Since when nobody is here; null: somebody is, or nobody has been yet. */
  readonly emptySince: number | null;
}

/** A patient who has not come so long after the time counts as a no-show. */
export const noShowMs = 30 * 60_000;
/** A visit that is under way with nobody there for so long is over. */
export const deserted = 60 * 60_000;
export const invitationMs = 24 * 3_600_000;
export const longestInvitationMs = 30 * 24 * 3_600_000;
export const mediaLogLimit = 500;
export const noteLimit = 200;
export const participantLimit = 50;
export const invitationLimit = 200;

export const initialVisit: VisitState = {
  created: false,
  patient: { person: "", name: "" },
  clinician: null,
  reason: "",
  origin: null,
  schedule: null,
  phase: "scheduled",
  outcome: null,
  createdAt: 0,
  arrivedAt: null,
  startedAt: null,
  endedAt: null,
  entered: false,
  locked: false,
  held: false,
  participants: {},
  invitations: {},
  mediaLog: [],
  notes: [],
  survey: null,
  declined: [],
  arrived: [],
  messages: [],
  emptySince: null,
};

export function participantOf(state: VisitState, person: string): Participant | undefined {
  return Object.hasOwn(state.participants, person) ? state.participants[person] : undefined;
}

/** Whether this person is inside, and not at the door. */
export function isInside(state: VisitState, person: string): boolean {
  return participantOf(state, person)?.admission === "admitted";
}
