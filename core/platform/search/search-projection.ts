import type { Db } from "../database/database.ts";
import type { Projection } from "../journal/feed.ts";
import { advanceGeneration, beginGeneration, isBeyond, lockGenerations } from "./generations.ts";
import type { GramHashes } from "./gram-hashes.ts";
import { indexEntries } from "./index-writer.ts";

/** The name of its cursor. */
export const searchProjection = "search";

/** Keeps what is looked up in up to date with the journal. Rooms never wait for it. */
export function createSearchProjection(hashes: GramHashes): Projection {
  return {
    name: searchProjection,
    apply: async (tx, entries) => {
      const live = await lockLive(tx, hashes);
      const last = entries.at(-1);
      if (!live || !last) return;
      // A build that took this one's place may have read further already.
      const fresh = entries.filter(({ cursor }) => isBeyond(cursor, live.cursor));
      if (fresh.length === 0) return;
      await indexEntries(tx, live, hashes, fresh);
      await advanceGeneration(tx, live.id, last.cursor);
    },
  };
}

async function lockLive(tx: Db, { currentKey }: GramHashes) {
  const find = async () => (await lockGenerations(tx)).find(({ state }) => state === "live");
  const live = await find();
  if (live) return live;
  await beginGeneration(tx, "live", currentKey);
  return find();
}
