import type { Logger } from "../logger.ts";
import type { Arrivals } from "./arrivals.ts";
import type { FeedCursor, JournalFeed } from "./feed.ts";
import { createSleeper } from "./sleeper.ts";

/**
 * Says that something happened in rooms, for our own modules, each of which reads the feed from where it is: streams, webhooks and
 * projections.
 */
export interface EventBus {
  /** Calls back when there is something new to read of an organisation; null: of any. It may do so for nothing. */
  watch(org: string | null, listener: () => void): () => void;
  stop(): Promise<void>;
}

export interface BusParts {
  readonly feed: Pick<JournalFeed, "end" | "news">;
  readonly arrivals: Pick<Arrivals, "listen">;
  readonly log: Pick<Logger, "warn">;
  /** The longest pause between looks, for what other processes append (ms). */
  readonly latest?: number;
}

/** An append of this process is looked for at once; it becomes visible when the transactions before it have ended. */
const soonest = 5;
const failurePause = 1_000;

/** One look at the journal serves all who listen in this process; without them it does not look. */
export function createBus({ feed, arrivals, log, latest = 500 }: BusParts): EventBus {
  const listeners = new Map<() => void, string | null>();
  const sleeper = createSleeper();
  let stopped = false;
  let running: Promise<void> | null = null;

  const tell = (concerned: (org: string | null) => boolean): void => {
    for (const [listener, org] of listeners) if (concerned(org)) listener();
  };

  /** Where news begin. What came while that was looked up, nobody would be told of: so everyone reads on from where they are. */
  const begin = async (): Promise<FeedCursor> => {
    const end = await feed.end();
    tell(() => true);
    return end;
  };

  const run = async (): Promise<void> => {
    let cursor: FeedCursor | null = null;
    let pause = soonest;
    while (!stopped && listeners.size > 0) {
      try {
        cursor ??= await begin();
        const { orgs, next } = await feed.news(cursor);
        if (orgs.size > 0) {
          pause = soonest;
          tell((org) => org === null || orgs.has(org));
        }
        cursor = next;
      } catch (error) {
        log.warn({ err: error }, "the journal could not be looked at; trying again");
        await sleeper.sleep(failurePause, { deaf: true });
        continue;
      }
      pause = (await sleeper.sleep(pause)) ? soonest : Math.min(pause * 2, latest);
    }
    running = null;
  };

  const deaf = arrivals.listen(sleeper.wake);

  return {
    watch: (org, listener) => {
      // Each has a place of its own, also where the same function comes twice.
      const own = (): void => listener();
      listeners.set(own, org);
      running ??= run();
      return () => {
        listeners.delete(own);
        sleeper.wake();
      };
    },
    stop: async () => {
      stopped = true;
      deaf();
      sleeper.end();
      await running;
    },
  };
}
