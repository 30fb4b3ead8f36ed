import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { DomainError } from "../../domain/errors.ts";
import { createPeopleSearch, type PeopleSearch } from "./people-search.ts";
import type { Rebuilder, RebuildStatus } from "./rebuild.ts";
import { createSearchIndex, type SearchIndex, type SearchIndexParts } from "./search-index.ts";

/** Finds texts and people. Whether and where the reader may is the caller's to say. */
export interface Search {
  /** Throws `busy` and `unavailable`. */
  readonly texts: SearchIndex["search"];
  readonly people: PeopleSearch["search"];
  /** Everything that was written before this moment (ms) can be found. */
  indexedUpTo(): Promise<number>;
  /** Makes the index anew, beside the one in use; answers once it has begun. */
  rebuild(): Promise<{ readonly generation: number }>;
  /** How far that is. */
  rebuilding(): Promise<RebuildStatus>;
}

export interface SearchParts extends SearchIndexParts {
  readonly rebuilder: Pick<Rebuilder, "start" | "status">;
  /** How far the index is behind the journal (ms). */
  lag(): Promise<number>;
  now(): number;
}

/** A search keeps a connection and the processor busy: rooms come first. */
const atOnce = 3;
const waiting = 24;
const retryAfterMs = 1_000;

export function createSearch(parts: SearchParts): Search {
  const gate = bulkhead(atOnce, waiting);
  const index = createSearchIndex(parts);
  const people = createPeopleSearch(parts.tenants);
  const gated = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await gate.execute(run);
    } catch (error) {
      if (error instanceof BulkheadRejectedError) throw new DomainError("busy", undefined, { retryAfterMs });
      throw error;
    }
  };
  return {
    texts: (search) => gated(() => index.search(search)),
    people: (search) => gated(() => people.search(search)),
    indexedUpTo: async () => parts.now() - Math.ceil(await parts.lag()),
    rebuild: async () => {
      const { generation } = await parts.rebuilder.start();
      return { generation };
    },
    rebuilding: () => parts.rebuilder.status(),
  };
}
