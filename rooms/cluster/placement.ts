import { hash } from "node:crypto";
import type { RoomRef } from "../../core/domain/room.ts";
import type { ProcessRow } from "../../core/platform/repositories/processes.ts";
import type { RebalancePlan } from "../../core/protocol/cluster.ts";

/** A process that has been silent for longer takes no rooms (ms). */
const maxSilentMs = 5_000;
/** Costs closer than this are as good as the same: what processes say of themselves is a little old. */
const tie = 1.1;
/** How far apart the processes' rooms may be, in parts of their average. */
const uneven = 0.1;

export interface Placement {
  /** Where the choice is even, another seed may choose another process: give the room's address. */
  readonly seed?: string;
  /** Not this one: the room is leaving it. */
  readonly except?: string;
  readonly maxSilentMs?: number;
}

/**
 * The process that a room is to wake on: the one with the fewest rooms for what it can do. All who choose for
 * the same room choose the same process; rooms that wake together are spread over those that are about
 * equal. null: there is none.
 */
export function choose(processes: readonly ProcessRow[], options: Placement = {}): ProcessRow | null {
  const takers = processes.filter((one) => takesRooms(one, options) && one.id !== options.except);
  const least = Math.min(...takers.map(cost));
  const even = takers.filter((one) => cost(one) <= least * tie);
  const ranked = even.map((one) => ({ one, rank: hash("sha256", `${options.seed ?? ""} ${one.id}`) }));
  return ranked.sort((a, b) => compare(a.rank, b.rank))[0]?.one ?? null;
}

/** What one room more would cost there: the busier its event loop, the longer everything in it waits. */
function cost({ rooms, load }: ProcessRow): number {
  return (rooms + 1) / (1 - Math.min(Math.max(load, 0), 0.9));
}

function takesRooms(one: ProcessRow, options: Pick<Placement, "maxSilentMs">): boolean {
  return !one.draining && isHeard(one, options);
}

function isHeard({ silentMs }: ProcessRow, options: Pick<Placement, "maxSilentMs">): boolean {
  return silentMs <= (options.maxSilentMs ?? maxSilentMs);
}

/** How many rooms a process has and is to have. */
interface Share {
  readonly id: string;
  readonly takes: boolean;
  readonly rooms: readonly RoomRef[];
  after: number;
}

/**
 * The fewest moves after which no two processes are further apart than one room or a tenth of the average.
 * Draining processes give all they have; those that are silent take no part. The same input gives the same
 * plan: it takes rooms in the order of their addresses, from and to all processes in turn.
 */
export function planRebalance(
  processes: readonly ProcessRow[],
  roomsOf: ReadonlyMap<string, readonly RoomRef[]>,
  options: Pick<Placement, "maxSilentMs"> = {},
): Pick<RebalancePlan, "processes" | "moves"> {
  const shares = processes
    .filter((one) => isHeard(one, options))
    .map((one) => shareOf(one, roomsOf.get(one.id) ?? [], options))
    .sort((a, b) => compare(a.id, b.id));
  if (shares.some(({ takes }) => takes)) level(shares);
  return {
    processes: shares.map(({ id, rooms, after }) => ({ id, rooms: rooms.length, after })),
    moves: movesOf(shares),
  };
}

function shareOf(one: ProcessRow, rooms: readonly RoomRef[], options: Pick<Placement, "maxSilentMs">): Share {
  const inOrder = rooms.toSorted((a, b) => compare(a.kind, b.kind) || compare(a.id, b.id));
  return { id: one.id, takes: takesRooms(one, options), rooms: inOrder, after: rooms.length };
}

/** Says how many each is to have. */
function level(shares: readonly Share[]): void {
  const total = sum(shares.map(({ rooms }) => rooms.length));
  const takers = shares.filter(({ takes }) => takes);
  for (const share of shares) if (!share.takes) share.after = 0;
  const { low, high } = cheapestBand(takers, total);
  for (const share of takers) share.after = Math.min(Math.max(share.after, low), high);
  let left = total - sum(takers.map(({ after }) => after));
  for (; left > 0; left -= 1) extreme(takers, (share) => -share.after).after += 1;
  for (; left < 0; left += 1) extreme(takers, (share) => share.after).after -= 1;
}

/** Between how many rooms all takers are to have, where that moves the fewest. */
function cheapestBand(takers: readonly Share[], total: number): { low: number; high: number } {
  const average = total / takers.length;
  const width = Math.max(1, Math.floor(average * uneven));
  const highest = Math.floor(average);
  const lows = Array.from({ length: width + 1 }, (_, i) => highest - i).filter(
    (low) => low >= 0 && total <= (low + width) * takers.length,
  );
  const moved = (low: number) => {
    const counts = takers.map(({ rooms }) => rooms.length);
    const missing = sum(counts.map((count) => Math.max(0, low - count)));
    const kept = sum(counts.map((count) => Math.min(count, low + width)));
    return Math.max(missing, total - kept);
  };
  const low = extreme(lows, (one) => -moved(one));
  return { low, high: low + width };
}

/** Both lists are of the same length, and nobody is in both. */
function movesOf(shares: readonly Share[]): RebalancePlan["moves"] {
  const givers = inTurn(
    shares.map(({ id, rooms, after }) =>
      rooms.slice(0, Math.max(0, rooms.length - after)).map((room) => ({ ...room, from: id })),
    ),
  );
  const takers = inTurn(
    shares.map(({ id, rooms, after }) => Array<string>(Math.max(0, after - rooms.length)).fill(id)),
  );
  return givers.flatMap(({ kind, id, from }, i) => {
    const to = takers[i];
    return to === undefined ? [] : [{ kind, id, from, to }];
  });
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: readonly (readonly T[])[]): T[] {
  const rounds = Math.max(0, ...lists.map((list) => list.length));
  return Array.from({ length: rounds }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

/** The first of those that have the most of something. The list must not be empty. */
function extreme<T>(list: readonly T[], amount: (one: T) => number): T {
  return list.reduce((most, one) => (amount(one) > amount(most) ? one : most));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** By code units, so that it is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
