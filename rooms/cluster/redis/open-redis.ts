import type { MatchMakerDriver, Presence } from "@colyseus/core";
import type { Redis } from "ioredis";
import type { Logger } from "../../../core/platform/logger.ts";
import type { DependencyRecord } from "../../../core/platform/resilience/record.ts";
import { ClusterDriver } from "./cluster-driver.ts";
import { ClusterPresence } from "./cluster-presence.ts";
import { dial, type Link } from "./link.ts";

/** Colyseus's presence and driver on Redis. They never throw and hardly wait, whatever becomes of Redis. */
export interface ClusterRedis {
  readonly presence: Presence;
  readonly driver: MatchMakerDriver;
  /** Whether Redis answers at this moment, as far as this process knows. */
  readonly connected: () => boolean;
  /** How many are subscribed to a channel; null where Redis cannot be asked now. */
  subscribers(channel: string): Promise<number | null>;
  /** What Redis answers to a command; null while it does not. */
  ask<T>(command: (redis: Redis) => Promise<T>): Promise<T | null>;
  /** Leaves nothing open, also while Redis is away. May be called again. */
  close(): Promise<void>;
}

export interface RedisParts {
  readonly log: Logger;
  /** How often Redis is asked whether it still knows of this process (ms). */
  readonly checkEveryMs?: number;
  /** Is told whether Redis answers. */
  readonly record?: DependencyRecord;
}

/** How long a start waits for Redis before it goes on without (ms). */
const firstAnswerMs = 2_000;
/** Redis is back when it was not lost again for so long (ms). */
const steadyMs = 1_000;

/** Opens `url` (redis:// or rediss://, as ioredis reads it). Resolves also where Redis is not there yet. */
export async function openRedis(
  url: string,
  { log, checkEveryMs = 10_000, record }: RedisParts,
): Promise<ClusterRedis> {
  const redis = dial(url);
  let stopReporting = (): void => {};
  let closing: Promise<void> | null = null;
  const end = (): Promise<void> => {
    clearInterval(checking);
    stopReporting();
    closing ??= Promise.all([commands.close(), messages.close()]).then(() => {});
    return closing;
  };
  const presence = new ClusterPresence(redis, end, record);
  const { commands, messages } = presence;
  const driver = new ClusterDriver(redis, { link: commands, end });

  commands.on("up", (fresh) => {
    void presence.restore();
    void driver.restore(fresh);
  });
  const checking = setInterval(() => {
    void presence.restore();
    void driver.check();
  }, checkEveryMs);

  const links = [commands, messages];
  const note = () => record?.turned(areUp(links) ? "closed" : "open");
  for (const link of links) link.on("up", note).on("down", note);
  await firstAnswer(links);
  note();
  stopReporting = reportChanges(links, log);

  return {
    presence,
    driver,
    connected: () => areUp(links),
    subscribers: async (channel) => {
      const answer = await commands.ask(() => redis.pubsub("NUMSUB", channel));
      return answer && Number(answer[1]);
    },
    ask: (command) => commands.ask(() => command(redis)),
    close: end,
  };
}

const areUp = (links: readonly Link[]): boolean => links.every(({ up }) => up);

/** Resolves when Redis answers, or it was waited for long enough. */
async function firstAnswer(links: readonly Link[]): Promise<void> {
  const first = Promise.withResolvers<void>();
  const waiting = setTimeout(first.resolve, firstAnswerMs);
  for (const link of links) link.on("up", () => areUp(links) && first.resolve());
  await first.promise;
  clearTimeout(waiting);
}

/** One line when Redis is lost, and one when it is back to stay. Returns how to stop. */
function reportChanges(links: readonly Link[], log: Logger): () => void {
  let lost = false;
  let steady: NodeJS.Timeout | undefined;
  const report = (): void => {
    clearTimeout(steady);
    const away = links.find((link) => !link.up);
    if (!away) {
      steady = setTimeout(() => {
        if (lost) log.info("Redis answers again");
        lost = false;
      }, steadyMs);
    } else if (!lost) {
      lost = true;
      log.warn({ reason: away.reason }, "Redis does not answer; rooms of this process go on without it");
    }
  };
  report();
  for (const link of links) link.on("up", report).on("down", report);
  return () => clearTimeout(steady);
}
