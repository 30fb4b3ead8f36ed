import { DomainError } from "../../domain/errors.ts";
import { Counter, Histogram } from "../telemetry/meters.ts";
import { type DependencyName, dependencies } from "./dependencies.ts";

/**
 * How a call ended. `refused`: it was not made, as the dependency is left alone; `busy`: it was not made, as too many are
 * under way; `cancelled`: whoever asked did not want it any more.
 */
export type CallOutcome = (typeof callOutcomes)[number];
export const callOutcomes = ["ok", "failed", "timeout", "refused", "busy", "cancelled"] as const;

/** `open`: it failed again and again, and is left alone; `half_open`: the next call, or one under way, tries it. */
export type DependencyState = "closed" | "half_open" | "open";

/** What operators see of a dependency. */
export interface DependencyReport {
  readonly name: DependencyName;
  readonly state: DependencyState;
  /** Since when it is so (ms since the epoch). */
  readonly since: number;
  /** The class of the last failure, as `timeout`, `ECONNREFUSED`, `AccessDenied`: never its words. null: none yet. */
  readonly lastError: string | null;
  readonly lastErrorAt: number | null;
  /** What is less good because of it; null: nothing, it answers. */
  readonly degraded: string | null;
}

/** Up to the longest that anybody waits for an answer (s). */
const callTimes = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** What has become of the calls to one dependency. */
export class DependencyRecord {
  readonly name: DependencyName;
  readonly outcomes: ReadonlyMap<CallOutcome, Counter>;
  readonly seconds = new Histogram(callTimes);
  readonly retries = new Counter();
  readonly #now: () => number;
  #state: DependencyState = "closed";
  #since: number;
  #lastError: string | null = null;
  #lastErrorAt: number | null = null;

  constructor(name: DependencyName, now: () => number) {
    this.name = name;
    this.#now = now;
    this.#since = now();
    this.outcomes = new Map(callOutcomes.map((outcome) => [outcome, new Counter()]));
  }

  get state(): DependencyState {
    return this.#state;
  }

  ended(outcome: CallOutcome, ms: number): void {
    this.outcomes.get(outcome)?.add();
    if (outcome === "ok" || outcome === "failed" || outcome === "timeout") this.seconds.observe(ms / 1e3);
  }

  failed(error: unknown): void {
    this.#lastError = errorClass(error);
    this.#lastErrorAt = this.#now();
  }

  turned(state: DependencyState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#since = this.#now();
  }

  report(): DependencyReport {
    return {
      name: this.name,
      state: this.#state,
      since: this.#since,
      lastError: this.#lastError,
      lastErrorAt: this.#lastErrorAt,
      degraded: this.#state === "open" ? dependencies[this.name].without : null,
    };
  }
}

/** No answer came in time. */
export class TimedOut extends Error {
  override readonly name = "timeout";
}

/** What kind of error it is, in one word. Its message may name hosts, files or people: nothing of it is in here. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const inner = error.cause;
  if (inner instanceof Error && (error instanceof DomainError || error.name === "TypeError")) {
    return errorClass(inner);
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^[A-Za-z0-9_]{2,40}$/.test(code)) return code;
  return /^[A-Za-z]{2,60}$/.test(error.name) ? error.name : "Error";
}
