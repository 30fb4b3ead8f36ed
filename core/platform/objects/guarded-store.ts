import type { Guard } from "../resilience/guard.ts";
import { assertFolder, assertName, type ObjectStore } from "./object-store.ts";

/** Folders may have many objects in them (ms). */
const folderMs = 30_000;

/** The same store, within the limits of its guards. All of it may be repeated: what is put is put whole. */
export function guardedStore(
  store: ObjectStore,
  { reads, writes }: { readonly reads: Guard; readonly writes: Guard },
): ObjectStore {
  const one = { repeatable: true };
  const many = { repeatable: true, withinMs: folderMs, attemptMs: folderMs };
  return {
    put: async (name, bytes) => {
      assertName(name);
      return writes.run(() => store.put(name, bytes), one);
    },
    get: async (name) => {
      assertName(name);
      return reads.run(() => store.get(name), one);
    },
    list: async (folder) => {
      assertFolder(folder);
      return reads.run(() => store.list(folder), many);
    },
    remove: async (folder) => {
      assertFolder(folder);
      return writes.run(() => store.remove(folder), many);
    },
  };
}
