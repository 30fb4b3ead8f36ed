import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { between } from "../../durability/random.ts";
import { query } from "../../support/postgres.ts";
import type { Stage } from "../stage/stage.ts";
import type { Fault } from "./fault.ts";

const pauseMs = { least: 1_000, most: 4_000 };
const slowMs = { latency: 40, lasts: 5_000 };
const lossWithinMs = 20_000;
const repliesLost = 3;
const serveWithinMs = 30_000;
const noSpace = /No space left on device/g;

export const redisRestart: Fault = {
  on: "redis",
  strike: async ({ stage, random }) => {
    const ms = between(random, pauseMs.least, pauseMs.most);
    await stage.redis.kill();
    await delay(ms);
    await stage.redis.start();
    return { text: `Redis was gone for ${ms} ms, and came back empty` };
  },
};

export const redisPause: Fault = {
  on: "redis",
  strike: async ({ stage, random }) => {
    const ms = between(random, pauseMs.least, pauseMs.most);
    stage.redis.pause();
    await delay(ms);
    stage.redis.resume();
    return { text: `Redis was frozen for ${ms} ms` };
  },
};

export const redisFlush: Fault = {
  on: "redis",
  strike: async ({ stage }) => {
    const socket = connect(stage.redis.port, "127.0.0.1");
    socket.write("FLUSHALL\r\n");
    const [answer]: unknown[] = await once(socket, "data");
    socket.destroy();
    if (!String(answer).startsWith("+OK")) throw new Error(`Redis answered ${answer}`);
    return { text: "Redis lost everything it had (FLUSHALL)" };
  },
};

export const postgresRestart: Fault = {
  on: "postgres",
  strike: async ({ stage: { postgres } }) => {
    await postgres.stop("fast");
    await postgres.start();
    return { text: "PostgreSQL was restarted" };
  },
};

export const postgresStop: Fault = {
  on: "postgres",
  strike: async ({ stage: { postgres } }) => {
    await postgres.stop("immediate");
    await postgres.start();
    return { text: "PostgreSQL was stopped at once and started again" };
  },
};

export const postgresPause: Fault = {
  on: "postgres",
  strike: async ({ stage, random }) => {
    const ms = between(random, pauseMs.least, pauseMs.most);
    stage.postgres.pause();
    await delay(ms);
    stage.postgres.resume();
    return { text: `PostgreSQL was frozen for ${ms} ms` };
  },
};

export const postgresSlow: Fault = {
  on: "postgres",
  strike: async ({ stage }) => {
    for (const { toPostgres } of stage.processes) toPostgres.delay(slowMs.latency);
    await delay(slowMs.lasts);
    for (const { toPostgres } of stage.processes) toPostgres.delay(0);
    return { text: `PostgreSQL took ${2 * slowMs.latency} ms longer to answer, for ${slowMs.lasts} ms` };
  },
};

export const commitLost: Fault = {
  on: "postgres",
  strike: async ({ stage, random }) => {
    const line = stage.processes[between(random, 0, stage.processes.length - 1)]?.toPostgres;
    const late = delay(lossWithinMs, "late", { ref: false });
    if ((await Promise.race([line?.loseAnswers("journal_append", repliesLost), late])) === "late")
      throw new Error(`no ${repliesLost} appends came that way`);
    return { text: `${repliesLost} appends were committed, and their answers lost` };
  },
};

/** First pages cannot be added, then PostgreSQL needs another file for its log, and ends when it gets none. */
export const diskFull: Fault = {
  on: "postgres",
  strike: async ({ stage }) => {
    const { disk, postgres, databaseUrl } = stage;
    if (!disk) throw new Error("no disk can be filled here");
    const told = () => postgres.output().match(noSpace)?.length ?? 0;
    const before = told();
    await disk.fill();
    await delay(1_500);
    await query(databaseUrl, "select pg_switch_wal()").catch(() => undefined);
    await delay(1_500);
    const ended = !isRunning(stage);
    await disk.clear();
    await serveAgain(stage);
    if (told() === before) throw new Error("PostgreSQL never missed the space");
    return { text: `the database's disk was full${ended ? ", and PostgreSQL ended" : ""}` };
  },
};

/** It may be about to end, or to recover by itself. */
async function serveAgain({ postgres, databaseUrl }: Stage): Promise<void> {
  for (const end = performance.now() + serveWithinMs; ; await delay(200)) {
    await postgres.start();
    const served = await query(databaseUrl, "select 1").catch((error: unknown) => error);
    if (Array.isArray(served)) return;
    if (performance.now() > end) throw new Error(`PostgreSQL does not serve again: ${served}`);
  }
}

function isRunning({ postgres }: Stage): boolean {
  try {
    return postgres.pid() > 0;
  } catch {
    return false;
  }
}
