/** The timers of all rooms of a process, on one timer of the platform. */
export interface TimerWheel {
  /** Runs `task` once, `delayMs` from now; returns how to take it back. */
  after(delayMs: number, task: () => void): () => void;
  /** Takes back everything. */
  stop(): void;
}

interface Entry {
  readonly at: number;
  /** null: taken back, or done. */
  task: (() => void) | null;
}

/** Fewer are not worth being cleared away. */
const few = 64;

/** Platform timers hold 31 bits of milliseconds; longer waits are taken in stages. */
const longest = 2 ** 31 - 1;

/** `size`: the timers in memory, some of those taken back among them. */
export function createTimerWheel(): TimerWheel & { readonly size: number } {
  let heap: Entry[] = [];
  let takenBack = 0;
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
      const { task } = next;
      next.task = null;
      if (task) task();
      else takenBack -= 1;
    }
    arm();
  };

  /** Deadlines that are days away are set anew with every change of a room: those taken back must not stay until then. */
  const clear = (): void => {
    if (heap.length < few || takenBack * 2 < heap.length) return;
    // What is sorted is a heap.
    heap = heap.filter(({ task }) => task !== null).sort((a, b) => a.at - b.at);
    takenBack = 0;
    arm();
  };

  return {
    after: (delayMs, task) => {
      const entry: Entry = { at: performance.now() + delayMs, task };
      push(heap, entry);
      arm();
      return () => {
        if (!entry.task) return;
        entry.task = null;
        takenBack += 1;
        clear();
      };
    },
    stop: () => {
      clearTimeout(timer);
      heap = [];
      takenBack = 0;
    },
    get size() {
      return heap.length;
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
