import type { Logger } from "../../core/platform/logger.ts";
import type { OwnProcess, Processes, ProcessRow } from "../../core/platform/repositories/processes.ts";
import type { ProcessBus } from "./process-bus.ts";
import { shared } from "./shared.ts";

/** The processes of the cluster as this one knows them, and its own standing among them. */
export interface Neighbours {
  readonly self: string;
  /** As of the last renewal, with what has passed since. */
  all(): readonly ProcessRow[];
  /** Whether others may take this process's rooms by now: it has not renewed its lease for too long. */
  suspended(): boolean;
  /** How long the database has answered without a break (ms); null: it does not. Before, nobody's silence says anything. */
  inTouchMs(): number | null;
  /** Whether a process's rooms may be taken: it has ended, died, or been silent for too long. */
  mayReplace(process: string): Promise<boolean>;
  /** Renews now. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

export interface NeighbourParts {
  readonly processes: Processes;
  readonly bus: Pick<ProcessBus, "hears">;
  readonly log: Logger;
  /** What this process says of itself. */
  own(): OwnProcess;
  /** After every renewal. `regained`: others may have taken rooms of ours meanwhile. Settles before they are served again. */
  renewed(regained: boolean): Promise<void>;
}

const renewEveryMs = 500;
const renewWithinMs = 3_000;
/** Silent for longer, a process may be replaced whatever else is known of it. */
export const leaseMs = 6_000;
/** Before that, a process stops serving by itself. */
export const suspendAfterMs = 4_000;
/** A process that nobody hears on the bus may be replaced so soon. */
const unheardMs = 1_000;
/** When a process dies, all its people come at once and ask whether it has: what was read so lately is good enough (ms). */
const freshMs = 100;

/**
 * Keeps this process's lease by the database's clock, and watches those of the others. A lease only says whom
 * others may replace: what keeps a room safe is its epoch.
 */
export async function joinNeighbours(parts: NeighbourParts): Promise<Neighbours> {
  const { processes, bus, log } = parts;
  const self = parts.own().id;
  let rows: readonly ProcessRow[] = [];
  let readAt = performance.now();
  /** When the last renewal that is known to have worked was sent, */
  let heldSince = performance.now();
  /** and when it was out of touch the last time. Who was blind does not judge others at once. */
  let blindSince: number | null = null;
  let regaining = false;
  let inTouchSince: number | null = performance.now();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const take = (fresh: readonly ProcessRow[], asked: number): void => {
    rows = fresh;
    readAt = asked;
  };

  const renew = async (): Promise<void> => {
    const asked = performance.now();
    const gap = asked - heldSince > suspendAfterMs;
    take(await within(renewWithinMs, processes.renew(parts.own())), asked);
    if (gap) {
      regaining = true;
      blindSince = asked;
      log.warn("this process was out of touch with the database; its rooms are checked");
    }
    heldSince = asked;
    inTouchSince ??= asked;
    // Whatever becomes of a check, the lease goes on: it is made again after the next renewal.
    await within(renewWithinMs, parts.renewed(regaining));
    regaining = false;
  };

  const beat = async (): Promise<void> => {
    try {
      await renew();
    } catch (error) {
      inTouchSince = null;
      log.warn({ err: error }, "the lease of this process could not be renewed; trying again");
    }
    if (!stopped) timer = setTimeout(beat, renewEveryMs * (0.8 + 0.4 * Math.random()));
  };

  const look = shared(
    () => "all",
    async () => {
      const asked = performance.now();
      take(await within(renewWithinMs, processes.list()), asked);
    },
  );

  const aged = (row: ProcessRow): ProcessRow => ({
    ...row,
    silentMs: row.id === self ? 0 : row.silentMs + Math.round(performance.now() - readAt),
  });

  await renew();
  timer = setTimeout(beat, renewEveryMs);

  return {
    self,
    all: () => rows.map(aged),
    suspended: () => regaining || performance.now() - heldSince > suspendAfterMs,
    inTouchMs: () => (inTouchSince === null ? null : performance.now() - inTouchSince),
    mayReplace: async (process) => {
      if (process === self) return true;
      if (blindSince !== null && performance.now() - blindSince < leaseMs) return false;
      if (performance.now() - readAt > freshMs) await look();
      const row = rows.find(({ id }) => id === process);
      if (!row || row.silentMs > leaseMs) return true;
      return row.silentMs > unheardMs && (await bus.hears(process)) === false;
    },
    renew,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await within(renewWithinMs, processes.remove(self)).catch(() => {});
    },
  };
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
