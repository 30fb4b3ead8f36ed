import { checkInFields, type Opening } from "../../../core/domain/queue/state.ts";
import { type Entries, listOf } from "../connection/state-parts.ts";
import { keep, keepEach } from "../lib/keep.ts";
import { oneOf } from "../lib/one-of.ts";
import type { QueueInfo } from "./types.ts";

/** As much of an entry as is read here. 0 and "" stand for "not so", as everywhere in a room's state. */
export interface EntryStateLike {
  readonly id: string;
  readonly patient: string;
  readonly name: string;
  readonly reason: string;
  readonly language: string;
  /** One a line. */
  readonly needs: string;
  readonly ready: boolean;
  readonly identity: string;
  readonly location: string;
  readonly emergencyContact: string;
  readonly priority: string;
  readonly rank: string;
  readonly status: string;
  readonly joinedAt: number;
  readonly waitingSince: number;
  readonly online: boolean;
  readonly offlineSince: number;
  readonly by: string;
  readonly byName: string;
  readonly since: number;
  readonly missed: number;
  readonly longWait: boolean;
  readonly notice: string;
  readonly returned: string;
  readonly visit: string;
}

export interface DutyStateLike {
  readonly name: string;
  readonly status: string;
  readonly since: number;
  readonly clinician: boolean;
  readonly visit: string;
}

export interface DepartureStateLike {
  readonly entry: string;
  readonly patient: string;
  readonly name: string;
  readonly how: string;
  readonly at: number;
  readonly byName: string;
  readonly to: string;
}

/** A waiting room's state. What staff alone see is not there for anyone else. `WaitingState` is of this form. */
export interface WaitingStateLike {
  readonly title: string;
  readonly opening: string;
  readonly suspendedUntil: number;
  readonly suspendedNotice: string;
  readonly nextHours: number;
  readonly asks: Entries<string, number>;
  readonly callSeconds: number;
  readonly expectedMinutes: number;
  readonly notices: Entries<{ readonly body: string; readonly at: number }, number>;
  readonly entries?: Entries<EntryStateLike>;
  readonly duty?: Entries<DutyStateLike>;
  readonly staff?: Entries<string>;
  readonly departed?: Entries<DepartureStateLike, number>;
}

const openings: readonly Opening[] = ["open", "suspended", "closed"];

/** What everyone sees of a queue; the same object as `before` where nothing of it changed. */
export function readQueue(id: string, state: WaitingStateLike, before: QueueInfo | null): QueueInfo {
  const opening = oneOf(openings, state.opening, "closed");
  const { suspendedUntil, suspendedNotice } = state;
  const asked = listOf(state.asks, String);
  const old = before ?? emptyQueue(id);
  return keep<QueueInfo>(old, {
    id,
    title: state.title,
    opening,
    suspended: opening === "suspended" ? { until: suspendedUntil || null, notice: suspendedNotice } : null,
    nextHours: state.nextHours || null,
    asks: keep(
      old.asks,
      checkInFields.filter((field) => asked.includes(field)),
    ),
    callSeconds: state.callSeconds,
    expectedMinutes: state.expectedMinutes,
    notices: keepEach(
      old.notices,
      listOf(state.notices, ({ body, at }) => ({ body, at })),
    ),
  });
}

function emptyQueue(id: string): QueueInfo {
  return {
    id,
    title: "",
    opening: "closed",
    suspended: null,
    nextHours: null,
    asks: [],
    callSeconds: 0,
    expectedMinutes: 0,
    notices: [],
  };
}
