import { setTimeout as delay } from "node:timers/promises";
import { type Account, seedAccounts } from "../../../bench/product.ts";
import type { Role } from "../../../core/domain/principal.ts";
import { freePort } from "../../support/ports.ts";
import { assertDurable, type Postgres, query, startPostgres } from "../../support/postgres.ts";
import { temporaryFolder } from "../../support/processes.ts";
import { type Redis, startRedis } from "../../support/redis.ts";
import { type Server, startServer } from "../../support/server.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";
import { openLine, type TcpLine } from "./tcp-line.ts";
import { watchClaims } from "./watch.ts";

export interface StageOptions {
  readonly processes: number;
  /** The database lies on a file system that can be filled. */
  readonly smallDisk: boolean;
  /** What a process is started from; the product by default. */
  readonly entry?: readonly string[];
}

/** One process of the product, with lines of its own to what all of them share. */
export interface Process {
  /** `host:port` of its room sockets. */
  readonly address: string;
  readonly server: Server;
  readonly toPostgres: TcpLine;
  readonly toRedis: TcpLine;
}

/** What there is to be broken: a database, a Redis, and the processes of the product behind one address. */
export interface Stage {
  /** Where clients begin. */
  readonly url: string;
  /** Past every line. */
  readonly databaseUrl: string;
  readonly keyFolder: string;
  readonly postgres: Postgres;
  readonly redis: Redis;
  /** null: the database is on an ordinary disk. */
  readonly disk: SmallDisk | null;
  readonly processes: readonly Process[];
  dispose(): Promise<void>;
}

/** People with these names, by role. They are there before the first process is. */
export type Cast = Readonly<Partial<Record<Role, readonly string[]>>>;

/** Checkpoints come often, and what was written before them is given back to the disk. */
const settings = { max_connections: 200, min_wal_size: "32MB", max_wal_size: "96MB" };
/** The first one may have to build the page. */
const startWithinMs = 240_000;
/** They look at each other twice a second. */
const acquaintedAfter = "2 seconds";

/** Starts all of it. Throws when a part cannot be had; nothing stays then. */
export async function openStage(
  options: StageOptions,
  cast: Cast,
): Promise<{ readonly stage: Stage; readonly people: ReadonlyMap<string, Account> }> {
  const undo: (() => unknown)[] = [];
  const dispose = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const disk = options.smallDisk ? await mountSmallDisk() : null;
    if (disk) undo.push(() => disk.dispose());
    const postgres = await startPostgres({ settings, ...(disk && { folder: disk.path }) });
    undo.push(() => postgres.dispose());
    const redis = await startRedis();
    undo.push(() => redis.dispose());
    const databaseUrl = await postgres.createDatabase("chaos");
    await assertDurable(databaseUrl);
    const keys = temporaryFolder("keys");
    undo.push(() => keys.remove());
    const people = await seedCast(databaseUrl, keys.path, cast);
    await watchClaims(databaseUrl);
    const shared = { databaseUrl, keyFolder: keys.path, postgres, redis, entry: options.entry };
    // The first one brings the page up to date; together they would wait for each other.
    const first = await startProcess(shared, undo);
    const others = Array.from({ length: options.processes - 1 }, () => startProcess(shared, undo));
    const processes = [first, ...(await Promise.all(others))];
    await untilAcquainted(databaseUrl, options.processes);
    const balancer: Balancer = await startBalancer(processes.map(({ server }) => server.port));
    undo.push(() => balancer.dispose());
    const stage = {
      url: balancer.url,
      databaseUrl,
      keyFolder: keys.path,
      postgres,
      redis,
      disk,
      processes,
      dispose,
    };
    return { stage, people };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Each has heard of all others, so that rooms are spread over them. */
async function untilAcquainted(databaseUrl: string, processes: number): Promise<void> {
  const sql = `select count(*)::int as n from process where started_at < now() - interval '${acquaintedAfter}'`;
  for (;;) {
    const [row] = await query(databaseUrl, sql);
    if (Number(row?.n) >= processes) return;
    await delay(100);
  }
}

interface Shared {
  readonly databaseUrl: string;
  readonly keyFolder: string;
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly entry: readonly string[] | undefined;
}

async function startProcess(shared: Shared, undo: (() => unknown)[]): Promise<Process> {
  const { databaseUrl, keyFolder, postgres, redis, entry } = shared;
  const [toPostgres, toRedis] = await Promise.all([openLine(postgres.port), openLine(redis.port)]);
  undo.push(() => Promise.all([toPostgres.dispose(), toRedis.dispose()]));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const url = new URL(databaseUrl);
  url.port = String(toPostgres.port);
  const server = await startServer({
    port,
    readyWithin: startWithinMs,
    ...(entry && { entry }),
    env: {
      HOST: "127.0.0.1",
      PUBLIC_ADDRESS: `http://${address}`,
      DATABASE_URL: url.href,
      REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
      KEY_FILE: `${keyFolder}/master-keys.json`,
      // The few who manage make everything there is, in the beginning.
      COMMANDS_PER_SECOND: "1000",
      LOG_LEVEL: "info",
    },
  });
  undo.push(() => server.dispose());
  return { address, server, toPostgres, toRedis };
}

async function seedCast(url: string, keyFolder: string, cast: Cast): Promise<ReadonlyMap<string, Account>> {
  const people = new Map<string, Account>();
  for (const [role, names] of entriesOf(cast)) {
    for (const account of await seedAccounts(url, keyFolder, names, role))
      people.set(account.person, account);
  }
  return people;
}

function entriesOf(cast: Cast): readonly (readonly [Role, readonly string[]])[] {
  const { patient = [], clinician = [], admin = [], operator = [] } = cast;
  return [
    ["patient", patient],
    ["clinician", clinician],
    ["admin", admin],
    ["operator", operator],
  ];
}
