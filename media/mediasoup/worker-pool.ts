import { createWorker, type types } from "mediasoup";
import type { Logger } from "../../core/platform/logger.ts";

export interface PoolSettings {
  readonly workerBin: string;
  /** How many workers there are at most: one a core. */
  readonly workers: number;
  /** The first worker's port, by UDP and TCP; the next has the next. 0: any free ones. */
  readonly port: number;
  readonly listen: readonly ListenAddress[];
}

/** An address of this machine's, and as what browsers reach it; null: as itself. */
export interface ListenAddress {
  readonly ip: string;
  readonly announced: string | null;
}

export interface Running {
  readonly worker: types.Worker;
  readonly server: types.WebRtcServer;
}

/** One worker, or the place of one that is not started yet or starts again. */
export interface WorkerSlot {
  readonly index: number;
  /** Whether something can be put there at this moment. */
  readonly usable: boolean;
  readonly pid: number | null;
  /** Starts it where it does not run yet. */
  ready(): Promise<Running>;
}

const startWithinMs = 4_000;
const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** A worker that lived for so long has put its deaths behind it. */
const steadyMs = 60_000;
const watchEveryMs = 2_000;
/** A worker that has not answered by then stands still, and is killed. */
const answerWithinMs = 5_000;
const breathMs = 1_000;

interface Parts {
  readonly settings: PoolSettings;
  readonly log: Logger;
  /** Everything on it is gone. */
  died(slot: WorkerSlot): void;
}

/** The workers of a node. Each is started when it is first needed, and again when it has died. */
export class WorkerPool {
  readonly slots: readonly WorkerSlot[];
  readonly #slots: readonly Slot[];
  readonly #watch: NodeJS.Timeout;

  constructor(parts: Parts) {
    this.#slots = Array.from({ length: parts.settings.workers }, (_, index) => new Slot(index, parts));
    this.slots = this.#slots;
    this.#watch = setInterval(() => {
      for (const slot of this.#slots) void slot.check();
    }, watchEveryMs);
    this.#watch.unref();
  }

  /** How many run. */
  get running(): number {
    return this.#slots.filter(({ pid }) => pid !== null).length;
  }

  close(): void {
    clearInterval(this.#watch);
    for (const slot of this.#slots) slot.close();
  }
}

class Slot implements WorkerSlot {
  readonly index: number;
  readonly #parts: Parts;
  #starting: Promise<Running> | null = null;
  #running: Running | null = null;
  #startedAt = 0;
  #asking = false;
  #deaths = 0;
  #again: NodeJS.Timeout | undefined;
  #resting = false;
  #closed = false;

  constructor(index: number, parts: Parts) {
    this.index = index;
    this.#parts = parts;
  }

  get usable(): boolean {
    return !this.#closed && !this.#resting;
  }

  get pid(): number | null {
    return this.#running?.worker.pid ?? null;
  }

  ready(): Promise<Running> {
    if (!this.usable) return Promise.reject(new Error("the worker is being started again"));
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = null;
      throw error;
    });
    return this.#starting;
  }

  /** A worker that stands still is as good as dead. */
  async check(): Promise<void> {
    const { worker } = this.#running ?? {};
    if (!worker || worker.closed || this.#asking) return;
    this.#asking = true;
    const answer = worker.getResourceUsage().then(
      () => true,
      () => true,
    );
    // It may be this process that stood still: then the answer is here already, and has yet to be read.
    const answered = (await within(answer, answerWithinMs)) || (await within(answer, breathMs));
    this.#asking = false;
    if (answered || worker.closed) return;
    this.#parts.log.error({ worker: this.index }, "a media worker stands still and is ended");
    process.kill(worker.pid, "SIGKILL");
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#running?.worker.close();
    this.#running = null;
  }

  async #start(): Promise<Running> {
    const { settings } = this.#parts;
    const worker = await startWorker(settings.workerBin);
    try {
      const server = await worker.createWebRtcServer({ listenInfos: listenInfos(settings, this.index) });
      if (this.#closed) throw new Error("the pool has been closed");
      worker.once("died", () => this.#died());
      this.#startedAt = performance.now();
      this.#running = { worker, server };
      return this.#running;
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  #died(): void {
    const { log, died } = this.#parts;
    this.#running = null;
    this.#starting = null;
    if (this.#closed) return;
    this.#deaths = performance.now() - this.#startedAt > steadyMs ? 1 : this.#deaths + 1;
    log.error({ worker: this.index, deaths: this.#deaths }, "a media worker has died; it is started again");
    this.#restLonger();
    died(this);
  }

  #restLonger(): void {
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#deaths - 1));
    this.#resting = true;
    this.#again = setTimeout(() => {
      this.#resting = false;
      this.ready().catch((error: unknown) => {
        if (this.#closed) return;
        this.#parts.log.error({ err: error, worker: this.index }, "a media worker does not start again");
        this.#deaths += 1;
        this.#restLonger();
      });
    }, pause);
  }
}

/** Whether it comes in time (ms). */
async function within(answer: Promise<boolean>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, ms, false);
  const outcome = await Promise.race([answer, late]);
  clearTimeout(timer);
  return outcome;
}

/** Throws when it does not run in time. */
async function startWorker(workerBin: string): Promise<types.Worker> {
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const starting = createWorker({ workerBin, logLevel: "none" });
  // mediasoup closes its workers at the first signal; ours end when their sessions have been handed on.
  for (const signal of signals) {
    for (const listener of process.listeners(signal))
      if (!before.has(listener)) process.off(signal, listener);
  }
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`it does not run after ${startWithinMs} ms`)),
    startWithinMs,
  );
  try {
    return await Promise.race([starting, late]);
  } catch (error) {
    starting.then((worker) => worker.close()).catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const signals = ["SIGINT", "SIGTERM"] as const;

function listenInfos({ listen, port }: PoolSettings, index: number): types.TransportListenInfo[] {
  return listen.flatMap(({ ip, announced }) =>
    (["udp", "tcp"] as const).map((protocol) => ({
      protocol,
      ip,
      ...(announced === null ? {} : { announcedAddress: announced }),
      ...(port === 0 ? {} : { port: port + index }),
    })),
  );
}
