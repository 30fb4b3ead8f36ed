import { emptyMap, type OrderedMap } from "../lib/ordered-map.ts";
import type { RoomRef } from "../room.ts";
import type { OpeningHours } from "./opening-hours.ts";

/** Most urgent first. */
export const priorities = ["emergency", "urgent", "normal"] as const;
export type Priority = (typeof priorities)[number];

/**
 * `confirmed`: called, and the patient has said that they are there. `away`: disconnected for longer than the
 * grace time. `leaving`: on the way to another room, and neither called nor moved meanwhile.
 */
export const entryStatuses = ["waiting", "called", "confirmed", "held", "away", "leaving"] as const;
export type EntryStatus = (typeof entryStatuses)[number];

/** What a clinic may ask for before a patient counts as ready. */
export const checkInFields = ["identity", "location", "emergencyContact"] as const;
export type CheckInField = (typeof checkInFields)[number];
/** `identity` is true where the patient only confirms that they are who they signed in as. */
export interface CheckIn {
  readonly identity?: string | true;
  readonly location?: string;
  readonly emergencyContact?: string;
}

/** A member of staff, as an event remembers them. */
export interface StaffName {
  readonly person: string;
  readonly name: string;
}

/** An entry on its way: `going` until the target has answered, `returning` once it is being called back. */
export interface Leaving {
  readonly transfer: string;
  readonly to: RoomRef;
  readonly by: StaffName;
  /** The clinician who sees the patient, for an admission. */
  readonly clinician: StaffName | null;
  readonly since: number;
  readonly phase: "going" | "returning";
  /** Calls back that were tried. */
  readonly tries: number;
}

/** One patient's place. Times are milliseconds since the epoch. */
export interface Entry {
  readonly id: string;
  readonly patient: string;
  readonly name: string;
  readonly reason: string;
  /** BCP 47. */
  readonly language: string | null;
  readonly needs: readonly string[];
  readonly checkIn: CheckIn | null;
  readonly priority: Priority;
  /** Orders the queue, see rank.ts; unique in it. */
  readonly rank: string;
  readonly status: EntryStatus;
  readonly joinedAt: number;
  /** Since when the patient waits, kept over transfers. */
  readonly waitingSince: number;
  /** null: connected. */
  readonly offlineSince: number | null;
  /** null: not away. Kept while the entry is held or leaving, so that it is away again afterwards. */
  readonly awaySince: number | null;
  readonly call: (StaffName & { readonly at: number; readonly clinician: boolean }) | null;
  readonly hold: (StaffName & { readonly at: number }) | null;
  /** The first call since the last sign of the patient that nobody answered. */
  readonly missedAt: number | null;
  readonly missed: number;
  readonly longWait: boolean;
  readonly notice: { readonly body: string; readonly at: number } | null;
  readonly leaving: Leaving | null;
  /** Why the last transfer or admission came back: an error code. */
  readonly returned: string | null;
  /** A visit that was scheduled beforehand; null: one is made on admission. */
  readonly visit: string | null;
}

export interface QueueSettings {
  readonly title: string;
  readonly asks: readonly CheckInField[];
  /** How long a visit is expected to take, until the queue has seen some. */
  readonly expectedMinutes: number;
  /** A call that is not answered for so long returns to its place. */
  readonly callSeconds: number;
  /** So long after a first unanswered call without a sign of the patient, they count as a no-show. */
  readonly noShowSeconds: number;
  /** So long after the connection is lost the patient is marked away, */
  readonly graceSeconds: number;
  /** and so long after that released. */
  readonly awaySeconds: number;
  readonly holdSeconds: number;
  readonly longWaitSeconds: number;
  /** So long after closing, whoever still waits is released. */
  readonly clearSeconds: number;
  readonly hours: OpeningHours | null;
}

export const defaultSettings: QueueSettings = {
  title: "",
  asks: [],
  expectedMinutes: 15,
  callSeconds: 120,
  noShowSeconds: 900,
  graceSeconds: 120,
  awaySeconds: 1_800,
  holdSeconds: 1_800,
  longWaitSeconds: 3_600,
  clearSeconds: 7_200,
  hours: null,
};

export const deadlineKinds = [
  "unanswered",
  "noShow",
  "away",
  "release",
  "resume",
  "longWait",
  "recall",
  "hours",
  "unsuspend",
  "clear",
] as const;
export type DeadlineKind = (typeof deadlineKinds)[number];

/** What the queue does by itself at a time; `entry` is null for the queue as a whole. */
export interface Deadline {
  readonly at: number;
  readonly kind: DeadlineKind;
  readonly entry: string | null;
}

export type Opening = "open" | "suspended" | "closed";

/** `in_visit` follows from admissions; the others a clinician says. Whoever is off duty is not listed. */
export type DutyStatus = "available" | "in_visit" | "away";
export interface Duty {
  readonly name: string;
  readonly status: DutyStatus;
  /** Since when it is this status. */
  readonly since: number;
  readonly clinician: boolean;
  /** The visit they are in. */
  readonly visit: string | null;
}

/** How a place in the queue ended. */
export const departures = [
  "left",
  "removed",
  "noShow",
  "released",
  "closed",
  "transferred",
  "admitted",
] as const;
export type DepartureKind = (typeof departures)[number];

export interface Departure {
  readonly entry: string;
  readonly patient: string;
  readonly name: string;
  readonly how: DepartureKind;
  readonly at: number;
  readonly by: StaffName | null;
  /** The queue or the visit gone to. */
  readonly to: string | null;
  /** What staff wrote when they removed the patient; shown to the patient. */
  readonly reason: string | null;
}

/** Something that put others further back, so that they can be told why. */
export interface Reorder {
  readonly seq: number;
  readonly at: number;
  readonly entry: string;
  readonly why: "priority" | "moved" | "transfer";
  /** The rank before; null: it was not in this queue. */
  readonly from: string | null;
  readonly to: string;
}

/** What happened in one hour, for the metrics. */
export interface Tally {
  readonly hour: number;
  readonly joined: number;
  readonly admitted: number;
  readonly abandoned: number;
  /** Of those admitted (ms). */
  readonly waited: number;
}

export interface Admitted {
  readonly visit: string;
  readonly entry: string;
  readonly at: number;
}

export interface QueueState {
  readonly created: boolean;
  readonly settings: QueueSettings;
  readonly opening: Opening;
  readonly suspended: { readonly until: number | null; readonly notice: string } | null;
  /** When the opening hours next change the opening. */
  readonly nextHours: number | null;
  /** When those who still wait after closing are released. */
  readonly clearAt: number | null;
  /** Who may run this queue: person → name. */
  readonly staff: Readonly<Record<string, string>>;
  readonly duty: Readonly<Record<string, Duty>>;
  readonly entries: OrderedMap<Entry>;
  /** Rank → entry. Everyone in it counts as ahead of those behind. */
  readonly order: OrderedMap<string>;
  /** Patient → entry: one place for each. */
  readonly places: OrderedMap<string>;
  readonly deadlines: OrderedMap<Deadline>;
  /** Entries on their way to another room. */
  readonly leaving: OrderedMap<Leaving>;
  /** Of those who joined by themselves; ranks grow with it. */
  readonly joins: number;
  /**
   * What the engine has done here by itself. It tells two deadlines apart that fall on one moment, as they
   * may after the clock was set back.
   */
  readonly dues: number;
  /** Patient → the visit that waits for them, until they have entered it. */
  readonly admitted: Readonly<Record<string, Admitted>>;
  /** Newest last, at most `departureLimit`. */
  readonly departed: readonly Departure[];
  readonly reorders: readonly Reorder[];
  /** Transfers that will not be let in any more, because their source called them back. */
  readonly declined: readonly string[];
  /** Transfers that arrived lately: a repeat is not let in twice. */
  readonly arrived: readonly string[];
  /** Durations of the last visits, oldest first (ms). */
  readonly services: readonly number[];
  readonly notices: readonly { readonly body: string; readonly at: number; readonly by: string }[];
  readonly tallies: readonly Tally[];
}

export const departureLimit = 512;
export const reorderLimit = 256;
export const transferLimit = 1_024;
export const serviceLimit = 50;
export const noticeLimit = 5;
export const tallyLimit = 48;
export const entryLimit = 10_000;

export const initialQueue: QueueState = {
  created: false,
  settings: defaultSettings,
  opening: "closed",
  suspended: null,
  nextHours: null,
  clearAt: null,
  staff: {},
  duty: {},
  entries: emptyMap(),
  order: emptyMap(),
  places: emptyMap(),
  deadlines: emptyMap(),
  leaving: emptyMap(),
  joins: 0,
  dues: 0,
  admitted: {},
  departed: [],
  reorders: [],
  declined: [],
  arrived: [],
  services: [],
  notices: [],
  tallies: [],
};

/** The entry of a patient, if they have a place here. */
export function entryOf(state: QueueState, patient: string): Entry | undefined {
  const id = state.places.get(patient);
  return id === undefined ? undefined : state.entries.get(id);
}

/** Everything that the clinic asks for is there. */
export function isReady(settings: QueueSettings, entry: Entry): boolean {
  return settings.asks.every((field) => entry.checkIn?.[field] !== undefined);
}

/** How many are ahead: everyone in the queue with a lower rank, also those called, held or away. */
export function aheadOf(state: QueueState, entry: Entry): number {
  return state.order.indexOf(entry.rank);
}

export function isStaff(state: QueueState, person: string): boolean {
  return Object.hasOwn(state.staff, person);
}
