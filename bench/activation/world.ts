import { assertDurable, type Postgres, query } from "../../test/support/postgres.ts";
import type { Redis } from "../../test/support/redis.ts";
import type { Server } from "../../test/support/server.ts";
import { mapAtOnce } from "../at-once.ts";
import { seedAccounts, startProduct } from "../product.ts";
import { fillChats } from "./history.ts";
import { type Options, roomsOf } from "./options.ts";
import {
  type Chat,
  createChats,
  createQueues,
  createVisits,
  resume,
  type Sleeper,
  sleeperOf,
} from "./rooms.ts";

/** Rooms that are measured together. */
export interface Group {
  readonly name: string;
  /** Events in each; null: as many as it came to. */
  readonly history: number | null;
  readonly rooms: readonly Sleeper[];
}

/**
 * How a room had ended: `slept`, with a snapshot of its last state; `crashed`, with its latest snapshot as old as
 * snapshots get.
 */
export type Ending = "slept" | "crashed";

export interface World {
  readonly groups: readonly Group[];
  readonly warmUp: readonly Sleeper[];
  start(nodeOptions: readonly string[]): Promise<Server>;
  /** While no server runs: lets every chat have ended so. */
  prepare(ending: Ending): Promise<void>;
}

export interface Services {
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly dataDir: string;
}

const membersPerChat = 4;
const warmUpEvents = 300;
/** A snapshot is kept every 256 events: so many are at most to be read after it. */
const longestTail = 255;
const wokenAtOnce = 4;

/** Makes every room and its history, and lets each have slept once. */
export async function makeWorld(
  { postgres, redis, dataDir }: Services,
  options: Options,
  progress: (text: string) => void,
): Promise<World> {
  const database = await postgres.createDatabase("activation");
  await assertDurable(database);
  const people = Array.from({ length: membersPerChat }, (_, n) => `person-${n}`);
  const clinicians = await seedAccounts(database, dataDir, people, "clinician");
  const patients = await seedAccounts(database, dataDir, patientNames(options.queue), "patient");
  const [admin] = await seedAccounts(database, dataDir, ["admin"], "admin");
  if (!admin) throw new Error("The clinic has no administrator.");
  const start = (nodeOptions: readonly string[] = []) =>
    startProduct({
      databaseUrl: database,
      dataDir,
      env: { REDIS_URL: redis.url, HOST: "127.0.0.1", COMMANDS_PER_SECOND: "10000" },
      nodeOptions,
    });

  const server = await start();
  const makeChats = (count: number, events: number) => createChats(server.url, clinicians, { count, events });
  const sizes: { readonly history: number; readonly chats: readonly Chat[] }[] = [];
  for (const history of options.histories) {
    sizes.push({ history, chats: await makeChats(roomsOf(history, options.rooms), history) });
  }
  const warmUp = await makeChats(options.warmUp, warmUpEvents);
  const waiting = await createQueues(server.url, admin, clinicians, patients);
  const meeting = await createVisits(server.url, admin, clinicians, patients);
  await end(server);

  const chats = [...sizes.flatMap((size) => size.chats), ...warmUp];
  const wakeAll = async () => {
    const woken = await start();
    await mapAtOnce(chats, wokenAtOnce, async ({ filling, token }) => {
      await resume(woken.url, filling.ref, token);
    });
    await end(woken);
  };
  const fillTo = (missing: (events: number) => number) =>
    fillChats(
      database,
      `${dataDir}/master-keys.json`,
      chats.map(({ filling }) => ({ ...filling, events: missing(filling.events) })),
    );
  progress("Filling the journals.");
  await fillTo((events) => Math.max(1, events - longestTail));
  await wakeAll();
  await keepSnapshots(database, "crashed");
  await fillTo((events) => events);
  await wakeAll();
  await keepSnapshots(database, "slept");
  await query(database, "VACUUM ANALYZE");
  await query(database, "CHECKPOINT");
  const [row] = await query(database, "SELECT count(*) AS events FROM journal");
  progress(`${row?.events} events in the journal.`);

  const groups = sizes.map(({ history, chats }) => ({
    name: `chat ${history}`,
    history,
    rooms: chats.map(sleeperOf),
  }));
  return {
    groups: [
      ...groups,
      { name: `queue of ${patients.length}`, history: null, rooms: waiting },
      { name: "visit", history: null, rooms: meeting },
    ],
    warmUp: warmUp.map(sleeperOf),
    start,
    prepare: async (ending) => {
      await query(
        database,
        `UPDATE snapshot s SET seq = k.seq, version = k.version, payload = k.payload
         FROM snapshot_${ending} k WHERE k.kind = s.kind AND k.id = s.id`,
      );
    },
  };
}

/** Ends a server in good order, so that each of its rooms sleeps. */
export async function end(server: Server): Promise<void> {
  const how = await server.stop();
  await server.dispose();
  if (how !== 0) throw new Error(`The server did not end in good order (${how}): ${server.output()}`);
}

/** Beside the product's tables: the benchmark puts them back before a start. */
async function keepSnapshots(database: string, ending: Ending): Promise<void> {
  await query(database, `CREATE TABLE snapshot_${ending} AS SELECT * FROM snapshot WHERE kind = 'chat'`);
}

function patientNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `patient-${n}`);
}
