import type { Logger } from "../logger.ts";

/** Work that is done again and again, never twice at once in this process. */
export interface Sweeper {
  start(): void;
  /** Now, after what is under way. */
  run(): Promise<void>;
  stop(): Promise<void>;
}

export function createSweeper(
  log: Pick<Logger, "warn">,
  everyMs: number,
  work: () => Promise<void>,
): Sweeper {
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  const run = (): Promise<void> => {
    const done = running.then(work);
    running = done.catch(() => {});
    return done;
  };

  const next = (): void => {
    if (stopped) return;
    // Processes that started together do not sweep together.
    timer = setTimeout(
      () => {
        run()
          .catch((error: unknown) => log.warn({ err: error }, "records could not be swept; trying again"))
          .finally(next);
      },
      everyMs * (0.75 + Math.random() / 2),
    );
    timer.unref();
  };

  return {
    start: next,
    run,
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}
