import { matches } from "../../protocol/rest-events.ts";
import type { Logger } from "../logger.ts";
import type { Arrivals } from "./arrivals.ts";
import type { FeedCursor, FeedEntry, JournalFeed, Projection } from "./feed.ts";
import { createSleeper } from "./sleeper.ts";

/** What happens in rooms, for our own modules. Who needs every event, also those of before a crash, has a `subscription`. */
export interface EventBus {
  /** Calls back when there is something new to read of an organisation; null: of any. It may do so for nothing. */
  watch(org: string | null, listener: (org: string) => void): () => void;
  /**
   * From now on, in order, for as long as this process lives. An event whose handler fails is logged and passed over. The next
   * one waits for the handler.
   */
  live(subscription: {
    readonly org: string;
    /** As `chat.message`, `visit.*`, `*`. */
    readonly types: readonly string[];
    handle(entry: FeedEntry): Promise<void>;
  }): Promise<() => void>;
  stop(): Promise<void>;
}

export interface BusParts {
  readonly feed: JournalFeed;
  readonly arrivals: Pick<Arrivals, "listen">;
  readonly log: Pick<Logger, "warn">;
  /** The longest pause between looks, for what other processes append (ms). */
  readonly latest?: number;
}

/** An append of this process is looked for at once; it becomes visible when the transactions before it have ended. */
const soonest = 5;
const failurePause = 1_000;
const pageSize = 100;

/** One look at the journal serves all who listen in this process; without them it does not look. */
export function createBus({ feed, arrivals, log, latest = 500 }: BusParts): EventBus {
  const listeners = new Map<(org: string) => void, string | null>();
  const sleeper = createSleeper();
  let stopped = false;
  let running: Promise<void> | null = null;

  const tell = (orgs: ReadonlySet<string>): void => {
    for (const [listener, wanted] of listeners) {
      for (const org of wanted === null ? orgs : orgs.has(wanted) ? [wanted] : []) listener(org);
    }
  };

  const run = async (): Promise<void> => {
    let cursor: FeedCursor | null = null;
    let pause = soonest;
    while (!stopped && listeners.size > 0) {
      try {
        cursor ??= await feed.end();
        const { orgs, next } = await feed.news(cursor);
        if (orgs.size > 0) pause = soonest;
        cursor = next;
        tell(orgs);
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

  const watch: EventBus["watch"] = (org, listener) => {
    // Each has a place of its own, also where the same function comes twice.
    const own = (whose: string): void => listener(whose);
    listeners.set(own, org);
    running ??= run();
    return () => {
      listeners.delete(own);
      sleeper.wake();
    };
  };

  return {
    watch,
    live: async ({ org, types, handle }) => {
      let cursor = await feed.end();
      let reading = false;
      let again = false;
      let ended = false;
      const readOn = async (): Promise<void> => {
        const wanted = (type: string): boolean => matches(type, types);
        const page = await feed.read({ org, after: cursor, limit: pageSize, wanted });
        for (const entry of page.entries) {
          if (ended) return;
          await handle(entry).catch((error: unknown) =>
            log.warn({ err: error, type: entry.type }, "an event's handler failed"),
          );
        }
        cursor = page.next;
        again ||= page.more;
      };
      const look = async (): Promise<void> => {
        again = true;
        if (reading) return;
        reading = true;
        try {
          while (again && !ended) {
            again = false;
            await readOn();
          }
        } catch (error) {
          log.warn({ err: error }, "events could not be read; trying again with the next");
        } finally {
          reading = false;
        }
      };
      const unwatch = watch(org, () => void look());
      // What was appended between the two.
      void look();
      return () => {
        ended = true;
        unwatch();
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

/**
 * A durable subscription: every event of these types since the journal's beginning, in order, whatever crashes. `handle` counts
 * once for what it does by `tx`, and at least once for everything else. Give it to `startProjections`.
 */
export function subscription(
  name: string,
  types: readonly string[],
  handle: (entry: FeedEntry, tx: Parameters<Projection["apply"]>[0]) => Promise<void>,
): Projection {
  return {
    name,
    apply: async (tx, entries) => {
      for (const entry of entries) if (matches(entry.type, types)) await handle(entry, tx);
    },
  };
}
