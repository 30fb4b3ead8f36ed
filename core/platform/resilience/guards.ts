import type { Logger } from "../logger.ts";
import { type DependencyName, dependencies, type Limits } from "./dependencies.ts";
import { createGuard, type Guard, type GuardParts } from "./guard.ts";
import { DependencyRecord, type DependencyReport } from "./record.ts";

/** The guards of this process, each made once. What they see is shown in the metrics and by /readyz. */
export interface Guards {
  /** Makes the way to a dependency; `limits` in the place of the usual ones. Throws where there is one already. */
  guard(
    name: DependencyName,
    parts?: Omit<GuardParts, "record" | "turned"> & { readonly limits?: Partial<Limits> },
  ): Guard;
  /** For a dependency that has a way of its own: what happens on it is noted here. */
  watch(name: DependencyName): DependencyRecord;
  /** In the order in which they were made. */
  reports(): readonly DependencyReport[];
  records(): Iterable<DependencyRecord>;
  /** How many calls wait for their turn. */
  waiting(): Readonly<Record<string, number>>;
  stop(): void;
}

export interface GuardsParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Pick<Logger, "warn" | "info">;
}

export function createGuards({ now, log }: GuardsParts): Guards {
  const records = new Map<DependencyName, DependencyRecord>();
  const guards = new Map<DependencyName, Guard>();

  const watch = (name: DependencyName): DependencyRecord => {
    if (records.has(name)) throw new Error(`there is a way to ${name} already`);
    const record = new DependencyRecord(name, now);
    records.set(name, record);
    return record;
  };

  return {
    watch,
    guard: (name, { limits, ...parts } = {}) => {
      const record = watch(name);
      const guard = createGuard(
        { ...dependencies[name].limits, ...limits },
        {
          ...parts,
          record,
          turned: (state) => {
            const { lastError } = record.report();
            if (state === "open")
              log.warn({ dependency: name, lastError }, "a dependency fails and is left alone");
            if (state === "closed") log.info({ dependency: name }, "a dependency works again");
          },
        },
      );
      guards.set(name, guard);
      return guard;
    },
    reports: () => [...records.values()].map((record) => record.report()),
    records: () => records.values(),
    waiting: () => Object.fromEntries([...guards].map(([name, guard]) => [name, guard.waiting()] as const)),
    stop: () => {
      for (const guard of guards.values()) guard.stop();
    },
  };
}
