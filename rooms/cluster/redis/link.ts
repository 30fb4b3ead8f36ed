import { EventEmitter } from "node:events";
import { Redis, ReplyError } from "ioredis";
import {
  type CallOutcome,
  type DependencyRecord,
  TimedOut,
} from "../../../core/platform/resilience/record.ts";

/** An answer that takes longer is not waited for (ms). */
const answerMs = 250;
const pingEveryMs = 500;
/** A connection on which a PING stays unanswered for so long is dropped and dialled again (ms). */
const deadMs = 2_000;
const longestPauseMs = 1_000;
/** A connection that held for so long was a good one: the next pause is a short one again (ms). */
const goodMs = 2_000;

export interface LinkEvents {
  /** Redis answers. `fresh`: on a new connection, so it may be another Redis, or have been emptied. */
  up: [fresh: boolean];
  /** Redis does not answer. */
  down: [];
}

/** A connection to be watched by a `Link`. Nothing is kept for a Redis that is away, and nothing sent twice. */
export function dial(url: string): Redis {
  return new Redis(url, {
    connectTimeout: deadMs,
    disconnectTimeout: answerMs,
    keepAlive: 5_000,
    // The Link's first PING is the check: it has a time-out.
    enableReadyCheck: false,
    disableClientInfo: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
  });
}

/**
 * One connection to Redis that is watched. Whether Redis answers on it is known within a second; while it does not,
 * nothing waits for it. It is dialled again for ever, in pauses of up to a second.
 */
export class Link extends EventEmitter<LinkEvents> {
  readonly #redis: Redis;
  readonly #record: DependencyRecord | null;
  readonly #watch: NodeJS.Timeout;
  /** `late`: the connection is open, and what was asked last is not answered. */
  #state: "away" | "up" | "late" = "away";
  #reason = "connecting";
  #pingedAt: number | null = null;
  #upSince = Number.POSITIVE_INFINITY;
  #attempts = 0;
  #closed = false;

  /** `record`: is told how every question ends. */
  constructor(redis: Redis, record: DependencyRecord | null = null) {
    super();
    this.#redis = redis;
    this.#record = record;
    redis.options.retryStrategy = () => this.#pause();
    redis.on("error", (error) => {
      this.#reason = codeOf(error);
    });
    redis.on("ready", () => void this.#ping());
    redis.on("close", () => this.#lose("away", this.#reason));
    this.#watch = setInterval(() => this.#look(), pingEveryMs);
  }

  /** Whether Redis answers. */
  get up(): boolean {
    return this.#state === "up" && this.#redis.stream.writable;
  }

  /** Whether the connection is open and has been answered on, if perhaps not at this moment. */
  get open(): boolean {
    return this.#state !== "away" && this.#redis.stream.writable;
  }

  /** Why it is not up: a code, never an address. */
  get reason(): string {
    return this.#reason;
  }

  /** What Redis answers; null where it does not: at once while it is down, or after 250 ms. Never rejects. */
  async ask<T>(command: () => Promise<T>): Promise<T | null> {
    if (!this.up) {
      this.#record?.ended("refused", 0);
      return null;
    }
    const since = performance.now();
    const ended = (outcome: CallOutcome) => this.#record?.ended(outcome, performance.now() - since);
    try {
      const answer = await this.#timely(command());
      ended("ok");
      return answer;
    } catch (error) {
      // A primary that became a replica may keep its connections.
      if (codeOf(error) === "READONLY") this.#drop("READONLY");
      this.#record?.failed(error);
      ended(error instanceof TimedOut ? "timeout" : "failed");
      return null;
    }
  }

  /** Sends where there is a connection; waits for the answer only while Redis answers. Never rejects. */
  async tell(command: () => Promise<unknown>): Promise<void> {
    const answer = command().catch(() => {});
    await this.ask(() => answer);
  }

  /** Dials again where it was Redis that refused. (A connection that was lost is dialled again anyway.) */
  refused(error: unknown): void {
    if (error instanceof ReplyError) this.#drop(codeOf(error));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await this.ask(() => this.#redis.quit());
    this.#state = "away";
    this.#redis.disconnect();
    this.#redis.stream?.destroy();
  }

  #timely<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = afterReading(answerMs, () => {
        this.#lose("late", "late");
        reject(new TimedOut("Redis did not answer in time."));
      });
      answer.then(resolve, reject).finally(cancel);
    });
  }

  async #ping(): Promise<void> {
    if (this.#closed || this.#pingedAt !== null || this.#redis.status !== "ready") return;
    this.#pingedAt = performance.now();
    const { stream } = this.#redis;
    const cancel = afterReading(answerMs, () => this.#lose("late", "late"));
    try {
      await this.#redis.ping();
      if (stream.writable) this.#find();
    } catch (error) {
      if (stream.writable) this.#lose("late", codeOf(error));
    }
    cancel();
    this.#pingedAt = null;
  }

  #look(): void {
    const pinged = this.#pingedAt;
    if (pinged === null) void this.#ping();
    else if (performance.now() - pinged > deadMs) {
      setImmediate(() => {
        if (this.#pingedAt === pinged) this.#drop("dead");
      });
    }
  }

  #drop(reason: string): void {
    this.#reason = reason;
    this.#redis.stream.destroy();
  }

  #find(): void {
    if (this.#closed || this.#state === "up") return;
    const fresh = this.#state === "away";
    this.#state = "up";
    this.#reason = "closed";
    if (fresh) this.#upSince = performance.now();
    this.emit("up", fresh);
  }

  #lose(state: "away" | "late", reason: string): void {
    const wasUp = this.#state === "up";
    if (this.#state !== "away") this.#state = state;
    if (this.#closed) return;
    this.#reason = reason;
    if (wasUp) this.emit("down");
    if (wasUp && state === "late") void this.#ping();
  }

  /** Milliseconds until the next attempt; some chance in it, so that processes do not come all at once. */
  #pause(): number {
    if (performance.now() - this.#upSince > goodMs) this.#attempts = 0;
    this.#upSince = Number.POSITIVE_INFINITY;
    const pause = Math.min(longestPauseMs, 25 * 2 ** this.#attempts);
    this.#attempts += 1;
    return pause * (0.5 + Math.random() / 2);
  }
}

/** Its code, or the word a refusal of Redis begins with. The rest may name an address. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return /^[A-Z]{2,}\b/.exec(error.message)?.[0] ?? "closed";
}

/**
 * Runs `task` after `ms` unless it is taken back, but not before what had arrived by then was read: it may be this
 * process that stood still.
 */
function afterReading(ms: number, task: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(task);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
