import type { Config } from "../core/platform/config.ts";
import { isAway } from "../core/platform/database/away.ts";
import { guardedStore } from "../core/platform/objects/guarded-store.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import { dependencies } from "../core/platform/resilience/dependencies.ts";
import type { Guard } from "../core/platform/resilience/guard.ts";
import { createGuards, type Guards, type GuardsParts } from "../core/platform/resilience/guards.ts";

/** The guards of this process, with those that are the same whatever it is made of. */
export interface Resilience extends Guards {
  /** For readers that take their time: history, search, exports. They never have more than half of the connections. */
  readonly readers: Guard;
}

export function openResilience(
  { databasePool }: Pick<Config, "databasePool">,
  parts: GuardsParts,
): Resilience {
  const guards = createGuards(parts);
  const running = Math.max(1, Math.floor(databasePool / 2));
  const readers = guards.guard("database_readers", {
    limits: { bulkhead: { running, waiting: running * 10 } },
    isFault: isAway,
  });
  return { ...guards, readers };
}

const probed = { name: "health/probe", bytes: Buffer.alloc(8_192, "x") };

/** The store of objects behind its guards. S3 is asked again by its own client, within one attempt of ours. */
export function openObjects(guards: Guards, store: ObjectStore, inBucket: boolean): ObjectStore {
  const { withinMs } = dependencies.object_store.limits;
  const limits = inBucket ? { attempts: 1, attemptMs: withinMs } : {};
  return guardedStore(store, {
    reads: guards.guard("object_store", { limits, probe: () => store.get(probed.name) }),
    writes: guards.guard("object_store_writes", {
      limits,
      probe: () => store.put(probed.name, probed.bytes),
    }),
  });
}

/** Whether ffmpeg itself could not be had: what it makes of a file says nothing of it. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}
