import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Projection, Projector } from "../core/platform/journal/feed.ts";
import { createSearchEraser } from "../core/platform/search/eraser.ts";
import { createGramHashes } from "../core/platform/search/gram-hashes.ts";
import { createRebuilder } from "../core/platform/search/rebuild.ts";
import { createSearch, type Search } from "../core/platform/search/search.ts";
import { createSearchProjection, searchProjection } from "../core/platform/search/search-projection.ts";
import type { Context } from "./context.ts";

export interface OpenSearch {
  readonly search: Search;
  readonly projection: Projection;
  readonly eraser: ReturnType<typeof createSearchEraser>;
  /** What keeps the projection: from it is known how far the index is behind. */
  follow(projector: Pick<Projector, "lag">): void;
  close(): Promise<void>;
}

/** How often a build that another process left off is looked for. */
const resumeEveryMs = 60_000;

export function openSearch(
  context: Pick<Context, "database" | "feed" | "keys" | "clock" | "log"> & { readonly ring: KeyRing },
): OpenSearch {
  const { database, keys, clock, log, ring } = context;
  const hashes = createGramHashes(ring);
  const rebuilder = createRebuilder({ ...context, hashes });
  let projector: Pick<Projector, "lag"> | null = null;
  const resume = () =>
    void rebuilder.resume().catch((err: unknown) => {
      log.warn({ err }, "the search index could not be built; it goes on later");
    });
  const timer = setInterval(resume, resumeEveryMs);
  timer.unref();
  return {
    search: createSearch({
      ...database,
      keys,
      hashes,
      rebuilder,
      lag: async () => (await projector?.lag())?.[searchProjection] ?? 0,
      now: clock.now,
    }),
    projection: createSearchProjection(hashes),
    eraser: createSearchEraser(database),
    follow: (following) => {
      projector = following;
    },
    close: async () => {
      clearInterval(timer);
      await rebuilder.stop();
    },
  };
}
