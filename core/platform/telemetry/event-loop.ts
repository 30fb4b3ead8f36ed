/** Watches whether the event loop comes round in time. */
export interface EventLoop {
  /** Why it is not ready for more, in words; null: it comes round. */
  blocked(): string | null;
  stop(): void;
}

const everyMs = 100;
/** Standing still for so long is felt by everyone who is connected here. */
const longMs = 1_000;
/** How long it is remembered. */
const recentMs = 10_000;

/**
 * Measures ten times a second how late a timer is, and tells `observe` (s): what anybody's request may have to wait
 * on top of its own work. Ten wake-ups a second cost an idle process next to nothing.
 */
export function watchEventLoop(observe: (seconds: number) => void): EventLoop {
  let last = performance.now();
  let worst = { lateMs: 0, at: Number.NEGATIVE_INFINITY };
  const timer = setInterval(() => {
    const now = performance.now();
    const lateMs = Math.max(0, now - last - everyMs);
    last = now;
    observe(lateMs / 1e3);
    // What would have been asked while the process stood still waited too, each a little less.
    for (let missed = lateMs - everyMs; missed > 0; missed -= everyMs) observe(missed / 1e3);
    if (lateMs >= longMs) worst = { lateMs, at: now };
  }, everyMs);
  timer.unref();
  return {
    blocked: () => {
      if (performance.now() - worst.at > recentMs) return null;
      const seconds = (worst.lateMs / 1e3).toFixed(1);
      return `the process stood still for ${seconds} s within the last ${recentMs / 1e3} s`;
    },
    stop: () => clearInterval(timer),
  };
}
