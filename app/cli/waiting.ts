import { setTimeout as sleep } from "node:timers/promises";
import type { Given, Tools } from "./command.ts";
import { exitCodes, Failure, usage } from "./failure.ts";
import { bar } from "./table.ts";
import { counted, duration, number } from "./words.ts";

/** How long a command waits unless told otherwise. */
const patienceSeconds = 600;
/** Over how long a rate is taken (ms). */
const rateOverMs = 10_000;
/** What passes by itself: a look that meets it is repeated. */
const passing = ["unreachable", "unavailable", "busy", "rate_limited", "room_closed", "internal"];

/** Options of every command that waits for something to be done. */
export const waitOptions = { "no-wait": { type: "boolean" }, timeout: { type: "string" } } as const;
export const waitOptionHelp = [
  ["--no-wait", "only begin it, and do not wait until it is done"],
  ["--timeout <seconds>", `how long to wait (${patienceSeconds}); it goes on after that`],
] as const;

/** Milliseconds; null: not at all. */
export function patienceOf({ options }: Given): number | null {
  if (options["no-wait"] === true) return null;
  const seconds = Number(options.timeout ?? patienceSeconds);
  if (!(seconds > 0 && seconds <= 86_400)) throw usage("--timeout takes seconds, up to 86400.");
  return seconds * 1_000;
}

/**
 * Looks again and again until a look gives something. A server that does not answer for a while is waited
 * for. Throws a Failure when the time is up: `unfinished` then says what is left to do.
 */
export async function waitFor<T>(
  { terminal, signal, lookEveryMs }: Tools,
  patienceMs: number,
  look: () => Promise<T | undefined>,
  unfinished: () => { readonly message: string; readonly detail: object },
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await look().catch((error: unknown) => {
      if (!(error instanceof Failure) || !passing.includes(error.code)) throw error;
      terminal.progress(`${error.message} Trying again …`);
      return undefined;
    });
    if (found !== undefined) return found;
    if (performance.now() >= until) {
      const { message, detail } = unfinished();
      throw new Failure(exitCodes.timedOut, "timed_out", message, detail);
    }
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** How a number of rooms comes down to none. */
export interface Countdown {
  /** Call it at every look, with how many are left. Returns how far it is, in a line. */
  look(left: number): string;
  /** How many of them are done. */
  readonly done: number;
  readonly left: number;
  /** Since the first look (ms). */
  readonly elapsedMs: number;
  /** Since the last one that changed something (ms). */
  readonly stalledMs: number;
}

/** `gone`: what becomes of them, as in "3 of 12 rooms gone". */
export function createCountdown(now: () => number, gone: string): Countdown {
  const looks: { readonly at: number; readonly left: number }[] = [];
  let most = 0;
  let startedAt = now();
  let changedAt = now();
  const left = () => looks.at(-1)?.left ?? 0;
  return {
    look: (current) => {
      const at = now();
      if (looks.length === 0) startedAt = at;
      if (looks.length === 0 || current !== left()) changedAt = at;
      most = Math.max(most, current);
      looks.push({ at, left: current });
      while (looks.length > 2 && at - (looks[1]?.at ?? at) > rateOverMs) looks.shift();
      const first = looks[0] ?? { at, left: current };
      const rate = at > first.at ? ((first.left - current) * 1_000) / (at - first.at) : 0;
      const ahead =
        rate > 0 ? `${rate.toFixed(1)} a second · about ${duration((current / rate) * 1_000)} left` : "";
      const moved = `${number(most - current)} of ${counted(most, "room")} ${gone}`;
      return [`▕${bar(most - current, most, 20)}▏ ${moved}`, ahead].filter(Boolean).join(" · ");
    },
    get done() {
      return most - left();
    },
    get left() {
      return left();
    },
    get elapsedMs() {
      return (looks.at(-1)?.at ?? startedAt) - startedAt;
    },
    get stalledMs() {
      return now() - changedAt;
    },
  };
}

/** `512 rooms gone in 21 s (24.4 a second)`. */
export function paceOf(rooms: number, gone: string, elapsedMs: number): string {
  const rate = rooms < 10 ? "" : ` (${((rooms * 1_000) / Math.max(elapsedMs, 1)).toFixed(1)} a second)`;
  return `${counted(rooms, "room")} ${gone} in ${duration(elapsedMs)}${rate}`;
}
