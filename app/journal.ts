import type { DataKeys } from "../core/platform/crypto/data-keys.ts";
import { type Arrivals, createArrivals } from "../core/platform/journal/arrivals.ts";
import { createFeed, type JournalFeed } from "../core/platform/journal/feed.ts";
import { createGroupCommit, type GroupCommit } from "../core/platform/journal/group-commit.ts";
import { createJournalStore, type JournalStore } from "../core/platform/journal/journal-store.ts";
import { observedJournal } from "../core/platform/telemetry/observed-journal.ts";
import type { Ground } from "./ground.ts";

/** What happened in rooms: how it is written and read. */
export interface JournalHere {
  readonly journal: JournalStore;
  readonly commits: GroupCommit;
  /** The journal in the order of its commits. */
  readonly feed: JournalFeed;
  /** Says that this process has appended something. */
  readonly arrivals: Arrivals;
}

export interface JournalOverrides {
  readonly journal?: (store: JournalStore) => JournalStore;
  readonly commits?: (journal: JournalStore) => GroupCommit;
}

export function openJournal(
  { database, metrics, guards, log }: Ground,
  keys: DataKeys,
  overrides: JournalOverrides,
): JournalHere {
  const store = createJournalStore(database);
  const arrivals = createArrivals();
  const journal = observedJournal(overrides.journal?.(store) ?? store, metrics);
  const commits = overrides.commits?.(journal) ?? createGroupCommit(journal, { appended: arrivals.notify });
  metrics.watch({
    pools: database.pools,
    appendsWaiting: () => commits.stats.waiting,
    dependencies: guards,
  });
  return { journal, commits, feed: createFeed({ ...database, keys, log }), arrivals };
}
