/** One loop's sleep, which others may end. */
export interface Sleeper {
  /** Whether it was woken before the time (ms) was over. Whoever is deaf hears nothing but the end. */
  sleep(ms: number, how?: { readonly deaf: boolean }): Promise<boolean>;
  /** Also where it does not sleep at this moment: then it does not fall asleep the next time. */
  wake(): void;
  /** It never sleeps again. */
  end(): void;
}

export function createSleeper(): Sleeper {
  let woken = false;
  let ended = false;
  let rouse: ((early: boolean) => void) | null = null;
  let listens = true;
  return {
    sleep: async (ms, { deaf } = { deaf: false }) => {
      if (ended || (woken && !deaf)) {
        woken = false;
        return true;
      }
      listens = !deaf;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(resolve, ms, false);
      rouse = resolve;
      const early = await promise;
      clearTimeout(timer);
      rouse = null;
      woken = false;
      return early;
    },
    wake: () => {
      woken = true;
      if (listens) rouse?.(true);
    },
    end: () => {
      ended = true;
      rouse?.(true);
    },
  };
}
