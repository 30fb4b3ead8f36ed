import { randomBytes } from "node:crypto";
import { type Clock, startClock } from "../core/platform/clock.ts";
import type { Config } from "../core/platform/config.ts";
import { type KeyRing, openKeyFile } from "../core/platform/crypto/key-ring.ts";
import { type Database, openEmbedded, openPostgres } from "../core/platform/database/database.ts";
import { createLogger, type Logger } from "../core/platform/logger.ts";
import { type EventLoop, watchEventLoop } from "../core/platform/telemetry/event-loop.ts";
import { createMetrics, type Metrics } from "../core/platform/telemetry/metrics.ts";
import packageJson from "../package.json" with { type: "json" };
import { createTimerWheel, type TimerWheel } from "../rooms/actor/timer-wheel.ts";
import { type ClusterRedis, openRedis } from "../rooms/cluster/redis/open-redis.ts";
import type { Closing } from "./closing.ts";
import { openResilience, type Resilience } from "./resilience.ts";

/** What every other part of the process stands on. */
export interface Ground {
  /** This process's id in the cluster: new with every start. */
  readonly process: string;
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly eventLoop: EventLoop;
  readonly database: Database;
  readonly clock: Clock;
  /** The ways to what is outside this process. */
  readonly guards: Resilience;
  /** null: this process is alone. */
  readonly redis: ClusterRedis | null;
  readonly wheel: TimerWheel;
  readonly ring: KeyRing;
}

export interface GroundOverrides {
  readonly log?: Logger;
  readonly clock?: (clock: Clock) => Clock;
}

const packageVersion = packageJson.version;

export async function openGround(
  config: Config,
  overrides: GroundOverrides,
  { later }: Closing,
): Promise<Ground> {
  const self = `${config.processName}-${randomBytes(3).toString("hex")}`;
  const log = overrides.log ?? createLogger({ level: config.logLevel, process: self });
  const metrics = createMetrics();
  const eventLoop = watchEventLoop((seconds) => metrics.eventLoopLag.observe(seconds));
  later(() => eventLoop.stop());
  const database = config.databaseUrl
    ? await openPostgres(config.databaseUrl, config.databasePool)
    : await openEmbedded(config.dataDir);
  later(() => database.close());
  const started = await startClock(database.db);
  later(() => started.stop());
  const clock = overrides.clock?.(started) ?? started;
  const guards = openResilience(config, { now: clock.now, log });
  later(() => guards.stop());
  const redis = config.redisUrl
    ? await openRedis(config.redisUrl, { log, record: guards.watch("redis") })
    : null;
  later(() => redis?.close());
  const wheel = createTimerWheel();
  later(() => wheel.stop());
  const ring = await openKeyFile(config.keyFile);
  return {
    process: self,
    version: packageVersion,
    ...{ log, metrics, eventLoop, database, clock, guards, redis, wheel, ring },
  };
}
