import type { JournalStore, PartOutcome, RoomPart } from "./journal-store.ts";

/** Whether a room's append went in is not known: claim the room again and read its tail. */
export class AppendUnknown extends Error {
  override readonly name = "AppendUnknown";

  constructor(cause: unknown) {
    super("the outcome of an append is unknown", { cause });
  }
}

export interface GroupCommit {
  /**
   * Appends one room's part with whatever other rooms append now. The part is asked for when the batch
   * leaves, so it holds all that the room has by then. Throws AppendUnknown.
   */
  append(part: () => RoomPart): Promise<Exclude<PartOutcome, "locked">>;
  readonly stats: GroupCommitStats;
}

export interface GroupCommitStats {
  readonly batches: number;
  readonly parts: number;
  readonly waiting: number;
}

export interface GroupCommitOptions {
  /** How long a busy system gathers before it commits (ms); an idle one does not wait. */
  readonly maxLinger?: number;
  readonly maxInFlight?: number;
  /** Told after each statement that appended something. */
  readonly appended?: () => void;
}

interface Waiting {
  readonly part: () => RoomPart;
  readonly resolve: (outcome: Exclude<PartOutcome, "locked">) => void;
  readonly reject: (error: AppendUnknown) => void;
}

interface Leaving extends Omit<Waiting, "part"> {
  readonly part: RoomPart;
}

const maxParts = 500;
/** Below this many appends a second every append goes at once; from there the wait grows with the rate. */
const idleRate = 200;
const busyRate = 2_000;
const lockedRetry = 5;

/**
 * Gathers the appends of all rooms of the process into few statements. At an idle moment an append goes
 * at once; the busier it gets, the longer they gather, up to `maxLinger`. A batch that the database refuses as
 * a whole is tried again room by room, so one room never fails its neighbours.
 */
export function createGroupCommit(
  store: Pick<JournalStore, "append">,
  options: GroupCommitOptions = {},
): GroupCommit {
  const { maxLinger = 12, maxInFlight = 2, appended } = options;
  const rate = createRateMeter();
  let waiting: Waiting[] = [];
  let inFlight = 0;
  let timer: NodeJS.Timeout | NodeJS.Immediate | null = null;
  let batches = 0;
  let parts = 0;

  const linger = (): number => {
    const load = Math.min(1, Math.max(0, (rate.perSecond() - idleRate) / (busyRate - idleRate)));
    return Math.round(load * maxLinger);
  };

  const schedule = (): void => {
    if (timer || waiting.length === 0 || inFlight >= maxInFlight) return;
    const wait = linger();
    const flush = () => {
      timer = null;
      void commit();
    };
    timer = wait < 1 ? setImmediate(flush) : setTimeout(flush, wait);
  };

  const commit = async (): Promise<void> => {
    const batch = waiting.slice(0, maxParts).map((one) => ({ ...one, part: one.part() }));
    waiting = waiting.slice(maxParts);
    inFlight += 1;
    batches += 1;
    parts += batch.length;
    rate.count(batch.reduce((sum, { part }) => sum + part.entries.length, 0));
    await settle(batch);
    inFlight -= 1;
    schedule();
  };

  const settle = async (batch: readonly Leaving[]): Promise<void> => {
    try {
      const outcomes = await store.append(batch.map(({ part }) => part));
      batch.forEach((one, i) => {
        const outcome = outcomes[i] ?? "stale";
        if (outcome === "locked") setTimeout(enqueue, lockedRetry, { ...one, part: () => one.part });
        else one.resolve(outcome);
      });
      if (outcomes.includes("appended")) appended?.();
    } catch (error) {
      if (batch.length > 1 && isRefusal(error)) {
        for (const one of batch) await settle([one]);
      } else {
        for (const one of batch) one.reject(new AppendUnknown(error));
      }
    }
  };

  const enqueue = (one: Waiting): void => {
    waiting.push(one);
    schedule();
  };

  return {
    append: (part) => new Promise((resolve, reject) => enqueue({ part, resolve, reject })),
    get stats() {
      return { batches, parts, waiting: waiting.length };
    },
  };
}

/** A unique violation (SQLSTATE 23505): the server undid the whole statement, so a repeat is safe. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}

/** Events a second, over the last quarter of a second or so. */
function createRateMeter(): { count(events: number): void; perSecond(): number } {
  const span = 250;
  let start = performance.now();
  let counted = 0;
  let last = 0;
  const roll = (): void => {
    const elapsed = performance.now() - start;
    if (elapsed < span) return;
    last = (counted * 1000) / elapsed;
    counted = 0;
    start += elapsed;
  };
  return {
    count: (events) => {
      roll();
      counted += events;
    },
    perSecond: () => {
      roll();
      return last;
    },
  };
}
