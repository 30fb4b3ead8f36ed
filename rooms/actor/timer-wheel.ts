/** The timers of all rooms of a process, on one timer of the platform. */
export interface TimerWheel {
  /** Runs `task` once, `delayMs` from now; returns how to take it back. */
  after(delayMs: number, task: () => void): () => void;
  /** Takes back everything. */
  stop(): void;
}

interface Entry {
  readonly at: number;
  task: (() => void) | null;
}

/** Platform timers hold 31 bits of milliseconds; longer waits are taken in stages. */
const longest = 2 ** 31 - 1;

export function createTimerWheel(): TimerWheel {
  const heap: Entry[] = [];
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Number.POSITIVE_INFINITY;

  const arm = (): void => {
    const next = heap[0];
    if (!next) {
      clearTimeout(timer);
      armedFor = Number.POSITIVE_INFINITY;
      return;
    }
    if (next.at === armedFor) return;
    clearTimeout(timer);
    armedFor = next.at;
    timer = setTimeout(run, Math.min(longest, Math.max(0, next.at - performance.now())));
  };

  const run = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    for (let next = heap[0]; next && (next.at <= now || !next.task); next = heap[0]) {
      pop(heap);
      next.task?.();
    }
    arm();
  };

  return {
    after: (delayMs, task) => {
      const entry: Entry = { at: performance.now() + delayMs, task };
      push(heap, entry);
      arm();
      return () => {
        entry.task = null;
      };
    },
    stop: () => {
      clearTimeout(timer);
      heap.length = 0;
    },
  };
}

/** A binary heap in an array, soonest first: the children of i are at 2i + 1 and 2i + 2. */
function push(heap: Entry[], entry: Entry): void {
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent];
    if (!above || above.at <= entry.at) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let i = 0;
  for (;;) {
    const left = 2 * i + 1;
    const right = left + 1;
    const lower = (heap[right]?.at ?? Number.POSITIVE_INFINITY) < (heap[left]?.at ?? 0) ? right : left;
    const child = heap[lower];
    if (!child || child.at >= last.at) break;
    heap[i] = child;
    i = lower;
  }
  heap[i] = last;
}
