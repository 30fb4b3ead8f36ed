import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  type IPolicy,
  noop,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { DomainError, type ErrorCode } from "../../domain/errors.ts";
import type { Limits } from "./dependencies.ts";
import { type CallOutcome, type DependencyRecord, type DependencyState, TimedOut } from "./record.ts";

/** The way to something outside this process. */
export interface Guard {
  /**
   * Asks, within the limits. `what` is given a signal that says when nobody waits for it any more; an answer that comes later
   * is dropped. A failure of the dependency is a DomainError `unavailable`, and too many calls at once `busy`; both say when to
   * ask again. Whatever else `what` throws is thrown on.
   */
  run<T>(what: (signal: AbortSignal) => Promise<T>, options?: RunOptions): Promise<T>;
  /** It failed again and again, and is left alone. */
  isOpen(): boolean;
  /** So many wait for their turn. */
  waiting(): number;
  /** Ends what the guard does by itself. */
  stop(): void;
}

export interface RunOptions {
  /** Of whoever asks: it ends the call. */
  readonly signal?: AbortSignal;
  /** To ask twice does no more than to ask once. */
  readonly repeatable?: boolean;
  /** Another time-out for all of it (ms), for what is known to take longer or is wanted sooner. */
  readonly withinMs?: number;
  /** Another time-out for each attempt (ms). */
  readonly attemptMs?: number;
  /** Whether it ends well or not says nothing of the dependency. */
  readonly tells?: boolean;
}

export interface GuardParts {
  readonly record: DependencyRecord;
  /** Whether a failure is the dependency's. Else it has answered, if not as was hoped. */
  readonly isFault?: (error: unknown) => boolean;
  /** What a failure is called. */
  readonly code?: ErrorCode;
  /** Asks whether it is well again, once it was left alone for long enough: nobody has to find out. */
  readonly probe?: (signal: AbortSignal) => Promise<unknown>;
  readonly turned?: (state: DependencyState) => void;
}

/** Repeats come after a random pause of up to so long, twice as long each time (ms). */
export const pauses = { first: 100, longest: 2_000 };
/** When whoever had no answer may ask again (ms). */
const pauseMs = 1_000;
const busyWords = "Too much is being asked for at once. Try again in a moment.";

/** Time-out, repeats, breaker and bulkhead around one dependency. */
export function createGuard(
  limits: Limits,
  { record, isFault: isTheirs = isOutside, code = "unavailable", probe, turned = () => {} }: GuardParts,
): Guard {
  const isFault = (error: unknown): boolean =>
    error instanceof TimedOut || (!isOurs(error) && isTheirs(error));
  const breaker = limits.breaker && openBreaker(limits.breaker, isFault);
  const lanes = limits.bulkhead && bulkhead(limits.bulkhead.running, limits.bulkhead.waiting);
  const repeating = retry(handleWhen(isFault), {
    maxAttempts: limits.attempts - 1,
    backoff: new ExponentialBackoff({
      generator: fullJitterGenerator,
      initialDelay: pauses.first,
      maxDelay: pauses.longest,
    }),
  });
  repeating.onRetry(() => record.retries.add());
  const restMs = limits.breaker?.restMs ?? pauseMs;
  let openedAt = 0;
  let probing: NodeJS.Timeout | undefined;
  /** The next call tries it; nobody has to wait for one where there is something harmless to ask. */
  const rested = (): void => {
    if (probe) void run(probe).catch(() => {});
    else record.turned("half_open");
  };
  breaker?.onStateChange((state) => {
    const shown = states[state];
    if (shown === "open") openedAt = performance.now();
    record.turned(shown);
    turned(shown);
    clearTimeout(probing);
    if (shown === "open") probing = setTimeout(rested, restMs + 1).unref();
  });

  const attempt = async <T>(
    what: (signal: AbortSignal) => Promise<T>,
    ms: number,
    { signal }: { readonly signal: AbortSignal },
    caller: AbortSignal | undefined,
  ): Promise<T> => {
    try {
      // Nobody waits any more, and a repeat was due.
      if (signal.aborted) throw new TaskCancelledError();
      return await inTime(ms).execute((context) => what(context.signal), signal);
    } catch (error) {
      const ended = error instanceof TaskCancelledError && !caller?.aborted ? new TimedOut() : error;
      if (isFault(ended)) record.failed(ended);
      throw ended;
    }
  };

  const endingOf = (error: unknown, caller: AbortSignal | undefined): Ending => {
    if (caller?.aborted) return { outcome: "cancelled", error: caller.reason };
    if (error instanceof BulkheadRejectedError)
      return { outcome: "busy", error: new DomainError("busy", busyWords, { retryAfterMs: pauseMs }) };
    if (error instanceof BrokenCircuitError) {
      const retryAfterMs = Math.max(1, Math.ceil(restMs - (performance.now() - openedAt)));
      return { outcome: "refused", error: new DomainError(code, undefined, { retryAfterMs }) };
    }
    const retryAfterMs = pauseMs;
    if (error instanceof TaskCancelledError || error instanceof TimedOut) {
      const cause = new TimedOut();
      return { outcome: "timeout", error: new DomainError(code, undefined, { retryAfterMs, cause }) };
    }
    if (!isFault(error)) return { outcome: "ok", error };
    if (error instanceof DomainError && error.retryAfterMs !== undefined) return { outcome: "failed", error };
    const cause = error instanceof DomainError ? (error.cause ?? error) : error;
    return { outcome: "failed", error: new DomainError(code, undefined, { retryAfterMs, cause }) };
  };

  async function run<T>(
    what: (signal: AbortSignal) => Promise<T>,
    { signal: caller, repeatable = false, tells = true, ...times }: RunOptions = {},
  ): Promise<T> {
    const since = performance.now();
    const { withinMs, attemptMs = withinMs } = { ...limits, ...times };
    const policies: IPolicy[] = [
      lanes ?? noop,
      repeatable ? repeating : noop,
      (tells ? breaker : null) ?? noop,
    ];
    const chain = policies.reduceRight<(signal: AbortSignal) => Promise<T>>(
      (inner, policy) => (signal) => policy.execute((context) => inner(context.signal), signal),
      (signal) => attempt(what, attemptMs, { signal }, caller),
    );
    try {
      const answer = await inTime(withinMs).execute((context) => chain(context.signal), caller);
      record.ended("ok", performance.now() - since);
      return answer;
    } catch (thrown) {
      const { outcome, error } = endingOf(thrown, caller);
      record.ended(outcome, performance.now() - since);
      throw error;
    }
  }

  return {
    run,
    isOpen: () => breaker?.state === CircuitState.Open,
    waiting: () => (limits.bulkhead && lanes ? limits.bulkhead.waiting - lanes.queueSlots : 0),
    stop: () => clearTimeout(probing),
  };
}

interface Ending {
  readonly outcome: CallOutcome;
  readonly error: unknown;
}

const states: Readonly<Record<CircuitState, DependencyState>> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Isolated]: "open",
};

/** What the policies themselves say. */
function isOurs(error: unknown): boolean {
  return [BrokenCircuitError, BulkheadRejectedError, TaskCancelledError].some(
    (kind) => error instanceof kind,
  );
}

/** What says `unavailable` itself, and whatever is not one of our own words. */
function isOutside(error: unknown): boolean {
  return !(error instanceof DomainError) || error.code === "unavailable";
}

function openBreaker(
  { failures, restMs }: NonNullable<Limits["breaker"]>,
  isFault: (error: unknown) => boolean,
) {
  return circuitBreaker(handleWhen(isFault), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: restMs,
  });
}

/** The signal stays as it is once there was an answer: what was opened with it may still be read. */
function inTime(ms: number) {
  return timeout(ms, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
}
