import { percentile } from "../statistics.ts";
import { type Records, senderOf } from "./load/records.ts";

/** A stretch of time, in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A room's messages of so long before it was told count as those of its move (ms): the freeze comes first. */
const aheadMs = 1_000;

/**
 * From the moment that a message was due until a member had it, and for its sender until it was known to be
 * durable; milliseconds. What never came counts as long as anybody waited.
 */
function delayOf(message: number, place: number, records: Records, end: number): number {
  const { membersPerRoom, receivedAt, acknowledgedAt } = records;
  const received = receivedAt[message * membersPerRoom + place] ?? Number.NaN;
  const acknowledged = senderOf(message, records) === place ? acknowledgedAt[message] : 0;
  const done = Math.max(received, acknowledged ?? Number.NaN);
  return (Number.isNaN(done) ? end : done) - dueAt(message, records);
}

/** Until the last member had each message that was due in the window, and its sender's answer; sorted. */
export function latenciesOf(all: readonly Records[], window: Window): Float64Array {
  return sorted(all, (records, end, add) => {
    for (const message of messagesIn(window, records)) {
      let latest = 0;
      for (let place = 0; place < records.membersPerRoom; place += 1) {
        latest = Math.max(latest, delayOf(message, place, records, end));
      }
      add(latest);
    }
  });
}

/** Every member's delay of each message of their room that was due in the window; sorted. */
export function delaysOf(all: readonly Records[], window: Window): Float64Array {
  return sorted(all, (records, end, add) => {
    for (const message of messagesIn(window, records)) {
      for (let place = 0; place < records.membersPerRoom; place += 1) {
        add(delayOf(message, place, records, end));
      }
    }
  });
}

/**
 * Every member's gap: how much later than usual they had the worst message among those that were due while their
 * room was on the move, from a second before anyone in it was told until they were seated again themselves.
 * Sorted; rooms that never moved are left out.
 */
export function gapsOf(all: readonly Records[], usual: number): Float64Array {
  return sorted(all, (records, end, add) => {
    const { membersPerRoom, seatedAt } = records;
    const told = roomsTold(records);
    eachMember(records, (room, place) => {
      const until = seatedAt[room * membersPerRoom + place] ?? Number.NaN;
      const first = told[room] ?? Number.NaN;
      if (Number.isNaN(first)) return;
      const window = { from: first - aheadMs, to: Number.isNaN(until) ? end : until };
      add(worstOf(room, place, { records, window, end }) - usual);
    });
  });
}

/** The same over everything that was due in the window, whenever their own room moved. */
export function gapsWithin(all: readonly Records[], usual: number, window: Window): Float64Array {
  return sorted(all, (records, end, add) => {
    eachMember(records, (room, place) => add(worstOf(room, place, { records, window, end }) - usual));
  });
}

/** How long each member took from being told until they were seated again; sorted. */
export function followingOf(all: readonly Records[]): Float64Array {
  return sorted(all, ({ toldAt, seatedAt }, _, add) => {
    for (const [member, told] of toldAt.entries()) {
      const took = (seatedAt[member] ?? Number.NaN) - told;
      if (!Number.isNaN(took)) add(took);
    }
  });
}

export interface Losses {
  readonly sent: number;
  /** Acknowledged, and not with everyone: one for each member who has not got it. */
  readonly lost: number;
  /** Without an answer at the end. */
  readonly unanswered: number;
}

export function lossesOf(all: readonly Records[]): Losses {
  const sum = (value: (records: Records) => number) =>
    all.reduce((total, records) => total + value(records), 0);
  return {
    sent: sum(({ acknowledgedAt }) => acknowledgedAt.length),
    lost: sum(({ acknowledgedAt, receivedAt, membersPerRoom }) =>
      count(receivedAt, (at, cell) => {
        return Number.isNaN(at) && !Number.isNaN(acknowledgedAt[Math.floor(cell / membersPerRoom)]);
      }),
    ),
    unanswered: sum(({ acknowledgedAt }) => count(acknowledgedAt, Number.isNaN)),
  };
}

/** How late the schedule itself was, of what was due in the window: 99 of 100 messages were sooner (ms). */
export function latenessOf(all: readonly Records[], window: Window): number {
  const late = sorted(all, (records, _, add) => {
    for (const message of messagesIn(window, records)) add(records.lateness[message] ?? Number.NaN);
  });
  return percentile(late, 0.99);
}

function dueAt(message: number, { startedAt, everyMs }: Records): number {
  return startedAt + message * everyMs;
}

function* messagesIn(
  { from, to }: Window,
  { startedAt, everyMs, acknowledgedAt }: Records,
): Generator<number> {
  const first = Math.max(0, Math.ceil((from - startedAt) / everyMs));
  for (let message = first; message < acknowledgedAt.length; message += 1) {
    if (startedAt + message * everyMs >= to) return;
    yield message;
  }
}

function worstOf(
  room: number,
  place: number,
  { records, window, end }: { readonly records: Records; readonly window: Window; readonly end: number },
): number {
  const { startedAt, everyMs, rooms, acknowledgedAt } = records;
  let worst = Number.NaN;
  const turn = Math.max(0, Math.ceil(((window.from - startedAt) / everyMs - room) / rooms));
  for (let message = turn * rooms + room; message < acknowledgedAt.length; message += rooms) {
    if (dueAt(message, records) >= window.to) break;
    const delay = delayOf(message, place, records, end);
    worst = Number.isNaN(worst) ? delay : Math.max(worst, delay);
  }
  return worst;
}

/** When the first member of each room was told. */
function roomsTold({ rooms, membersPerRoom, toldAt }: Records): Float64Array {
  const first = new Float64Array(rooms).fill(Number.NaN);
  for (const [member, told] of toldAt.entries()) {
    const room = Math.floor(member / membersPerRoom);
    const known = first[room] ?? Number.NaN;
    if (!Number.isNaN(told)) first[room] = Number.isNaN(known) ? told : Math.min(known, told);
  }
  return first;
}

function eachMember({ rooms, membersPerRoom }: Records, visit: (room: number, place: number) => void): void {
  for (let room = 0; room < rooms; room += 1) {
    for (let place = 0; place < membersPerRoom; place += 1) visit(room, place);
  }
}

function sorted(
  all: readonly Records[],
  collect: (records: Records, end: number, add: (value: number) => void) => void,
): Float64Array {
  const values: number[] = [];
  for (const records of all) {
    collect(records, endOf(records), (value) => {
      if (!Number.isNaN(value)) values.push(value);
    });
  }
  return Float64Array.from(values).sort();
}

/** The last thing that is known of. */
function endOf({ acknowledgedAt, receivedAt, startedAt, everyMs }: Records): number {
  const latest = (times: Float64Array) =>
    times.reduce((last, at) => (Number.isNaN(at) ? last : Math.max(last, at)), 0);
  return Math.max(latest(acknowledgedAt), latest(receivedAt), startedAt + acknowledgedAt.length * everyMs);
}

function count(values: Float64Array, wanted: (value: number, index: number) => boolean): number {
  let found = 0;
  for (const [index, value] of values.entries()) if (wanted(value, index)) found += 1;
  return found;
}
