import { type Load, startLoad } from "./load/orders.ts";
import type { RunResult } from "./load/run.ts";
import type { Contestant, Serving } from "./shape.ts";

/** Seconds. */
export interface Timing {
  /** At a gentle rate, after a start. */
  readonly warmUp: number;
  /** At the rate to be measured, before the window opens. */
  readonly lead: number;
  readonly window: number;
  /** How long to wait for the last deliveries. */
  readonly drain: number;
}

const gentleRate = 1000;
const p99Limit = 200;

/** p99 within 200 ms, and every message with everyone exactly once. */
export function isSustained(result: RunResult): boolean {
  return result.p99 <= p99Limit && isFaultless(result);
}

export function isFaultless(result: RunResult): boolean {
  return result.unsent + result.missing + result.duplicates + result.refused + result.unanswered === 0;
}

/** The load generator was near its own limit: the server may be better than the figures. */
export function isClientLimited(result: RunResult): boolean {
  return cores(result, "client") >= 0.85 || result.sendLag >= 20;
}

/** Something else took a good part of the machine: the figures say little. */
export function isDisturbed(result: RunResult): boolean {
  return cores(result, "others") >= 0.25;
}

/** How many cores a process kept busy. */
export function cores(result: RunResult, process: string): number {
  return (result.cpu[process] ?? Number.NaN) / result.window;
}

/**
 * Where a contestant is measured: its server, with a load generator connected to it. Both are started
 * when they are needed, and started anew after a rate that the server did not sustain.
 */
export class Stand {
  readonly #contestant: Contestant;
  #open: { readonly serving: Serving; readonly load: Load } | null = null;

  constructor(contestant: Contestant) {
    this.#contestant = contestant;
  }

  async run(rate: number, timing: Timing): Promise<RunResult> {
    if (this.#open && rate > this.#open.serving.highestRate) await this.close();
    this.#open ??= await start(this.#contestant, rate, timing);
    const result = await measure(this.#open, rate, timing);
    if (!isSustained(result)) await this.close();
    return result;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.load.end();
    await open?.serving.stop();
  }
}

async function start(contestant: Contestant, rate: number, timing: Timing) {
  const open = { serving: await contestant.start(rate), load: startLoad() };
  try {
    await open.load.join(contestant.dialect, open.serving.rooms);
    if (timing.warmUp > 0) await measure(open, gentleRate, { ...timing, lead: 0, window: timing.warmUp });
    return open;
  } catch (error) {
    await open.load.end();
    await open.serving.stop();
    throw error;
  }
}

function measure({ serving, load }: { serving: Serving; load: Load }, rate: number, timing: Timing) {
  const { lead, window, drain } = timing;
  return load.run({ rate, lead, seconds: window, drain, processes: serving.processes });
}
