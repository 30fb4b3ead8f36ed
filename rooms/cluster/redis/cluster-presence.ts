import { RedisPresence } from "@colyseus/redis-presence";
import { Redis } from "ioredis";
import type { DependencyRecord } from "../../../core/platform/resilience/record.ts";
import { Link } from "./link.ts";

type Callback = Parameters<RedisPresence["subscribe"]>[1];

/** Where processes say how many rooms they have. */
const countsKey = "roomcount";

/**
 * Colyseus's presence on a Redis that may be lost at any time. While it is, nothing waits and nothing is thrown: a
 * question is answered as an empty store would answer it, what is written is lost, and what is published reaches this process
 * alone. Subscriptions hold: those made meanwhile take effect when Redis is back.
 *
 * Colyseus gives rooms an object that inherits from this one, so nothing in here may be `#private`.
 */
export class ClusterPresence extends RedisPresence {
  /** The connection for all but subscriptions. */
  readonly commands: Link;
  /** The connection that messages come by. */
  readonly messages: Link;
  protected readonly end: () => Promise<void>;
  /** This process's own counts, to be written again where Redis has lost them. */
  protected readonly counts = new Map<string, string>();

  /** `end` closes what was opened with it. */
  constructor(redis: Redis, end: () => Promise<void>, record: DependencyRecord | null = null) {
    super(redis);
    if (!(this.sub instanceof Redis)) throw new TypeError("One Redis was expected.");
    // Colyseus logs each failed attempt; a Link keeps the reason instead.
    redis.removeAllListeners("error");
    this.sub.removeAllListeners("error");
    this.commands = new Link(redis, record);
    this.messages = new Link(this.sub, record);
    this.end = end;
  }

  override async subscribe(topic: string, callback: Callback): Promise<this> {
    const subscribed = () => super.subscribe(topic, callback);
    await this.messages.tell(() => subscribed().catch((error: unknown) => this.messages.refused(error)));
    return this;
  }

  override async unsubscribe(topic: string, callback?: Callback): Promise<this> {
    await this.messages.tell(() => super.unsubscribe(topic, callback));
    return this;
  }

  /** Runs before the new connection's first PING, so whoever sees that answered is subscribed. */
  protected override resubscribeAll(): void {
    const topics = this.subscriptions.eventNames().filter((topic) => typeof topic === "string");
    if (topics.length === 0) return;
    this.sub.subscribe(...topics).catch((error: unknown) => this.messages.refused(error));
  }

  /**
   * Through Redis wherever there is a connection, however slow it answers, so that nothing is lost or said twice; else
   * to this process alone. While only its subscriptions are away, it hears itself directly.
   */
  override async publish(topic: string, data: unknown): Promise<void> {
    if (!this.commands.open || !this.messages.open) this.deliver(topic, data);
    if (this.commands.open) await this.commands.tell(() => super.publish(topic, data));
  }

  override channels(pattern?: string): Promise<string[]> {
    return this.or([], () => super.channels(pattern));
  }

  override exists(key: string): Promise<boolean> {
    return this.or(false, () => super.exists(key));
  }

  override set(key: string, value: string): Promise<unknown> {
    return this.or(null, () => super.set(key, value));
  }

  override setex(key: string, value: string, seconds: number): Promise<unknown> {
    return this.or(null, () => super.setex(key, value, seconds));
  }

  override expire(key: string, seconds: number): Promise<unknown> {
    return this.or(null, () => super.expire(key, seconds));
  }

  override get(key: string): Promise<unknown> {
    return this.or(null, () => super.get(key));
  }

  override del(key: string): Promise<unknown> {
    return this.or(0, () => super.del(key));
  }

  override sadd(key: string, value: string): Promise<unknown> {
    return this.or(1, () => super.sadd(key, value));
  }

  override smembers(key: string): Promise<string[]> {
    return this.or([], () => super.smembers(key));
  }

  override sismember(key: string, field: string): Promise<number> {
    return this.or(0, () => super.sismember(key, field));
  }

  override srem(key: string, value: string): Promise<number> {
    return this.or(0, () => super.srem(key, value));
  }

  override scard(key: string): Promise<number> {
    return this.or(0, () => super.scard(key));
  }

  override sinter(...keys: string[]): Promise<string[]> {
    return this.or([], () => super.sinter(...keys));
  }

  override hset(key: string, field: string, value: string): Promise<boolean> {
    if (key === countsKey) this.counts.set(field, value);
    return this.or(true, () => super.hset(key, field, value));
  }

  override hdel(key: string, field: string): Promise<boolean> {
    if (key === countsKey) this.counts.delete(field);
    return this.or(false, () => super.hdel(key, field));
  }

  override hincrby(key: string, field: string, value: number): Promise<number> {
    return this.or(value, () => super.hincrby(key, field, value));
  }

  override hincrbyex(key: string, field: string, value: number, seconds: number): Promise<number> {
    return this.or(value, () => super.hincrbyex(key, field, value, seconds));
  }

  override hget(key: string, field: string): Promise<string> {
    return this.or("", () => super.hget(key, field));
  }

  override hgetall(key: string): Promise<Record<string, string>> {
    return this.or({}, () => super.hgetall(key));
  }

  override hlen(key: string): Promise<number> {
    return this.or(0, () => super.hlen(key));
  }

  override incr(key: string): Promise<number> {
    return this.or(1, () => super.incr(key));
  }

  override decr(key: string): Promise<number> {
    return this.or(-1, () => super.decr(key));
  }

  override llen(key: string): Promise<number> {
    return this.or(0, () => super.llen(key));
  }

  override rpush(key: string, ...values: string[]): Promise<number> {
    return this.or(values.length, () => super.rpush(key, ...values));
  }

  override lpush(key: string, ...values: string[]): Promise<number> {
    return this.or(values.length, () => super.lpush(key, ...values));
  }

  override rpop(key: string): Promise<string | null> {
    return this.or(null, () => super.rpop(key));
  }

  override lpop(key: string): Promise<string | null> {
    return this.or(null, () => super.lpop(key));
  }

  /** Not offered: it would wait on a Redis that may be gone. Rejects. */
  override brpop(): Promise<[string, string] | null> {
    return Promise.reject(new Error("brpop is not offered."));
  }

  override shutdown(): void {
    void this.end();
  }

  /** Writes this process's counts where Redis may have lost them. */
  async restore(): Promise<void> {
    for (const [process, count] of this.counts) await this.hset(countsKey, process, count);
  }

  protected deliver(topic: string, data: unknown): void {
    const message = JSON.stringify(data === undefined ? false : data);
    setImmediate(() => this.handleSubscription(topic, message));
  }

  /** What Redis answers, or else `answer`. */
  protected async or<T>(answer: T, command: () => Promise<T>): Promise<T> {
    return (await this.commands.ask(command)) ?? answer;
  }
}
