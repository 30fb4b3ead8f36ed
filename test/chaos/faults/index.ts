import { flap, slowConsumer } from "./client-faults.ts";
import type { Fault } from "./fault.ts";
import { drain, freeze, kill, move, postgresCut, redisCut, rollingRestart } from "./process-faults.ts";
import {
  commitLost,
  diskFull,
  postgresPause,
  postgresRestart,
  postgresSlow,
  postgresStop,
  redisFlush,
  redisPause,
  redisRestart,
} from "./service-faults.ts";

/** Everything that is done to the system, by the names that `--faults` takes. */
export const faults = {
  kill,
  freeze,
  drain,
  "rolling-restart": rollingRestart,
  move,
  "redis-restart": redisRestart,
  "redis-pause": redisPause,
  "redis-flush": redisFlush,
  "redis-cut": redisCut,
  "postgres-restart": postgresRestart,
  "postgres-stop": postgresStop,
  "postgres-pause": postgresPause,
  "postgres-slow": postgresSlow,
  "postgres-cut": postgresCut,
  "commit-lost": commitLost,
  "disk-full": diskFull,
  flap,
  "slow-consumer": slowConsumer,
} as const satisfies Record<string, Fault>;
export type FaultName = keyof typeof faults;

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faults, name);
}

export const faultNames: readonly FaultName[] = Object.keys(faults).filter(isFaultName);
