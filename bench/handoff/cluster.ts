import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../test/support/ports.ts";
import { assertDurable, type Postgres, query } from "../../test/support/postgres.ts";
import type { Redis } from "../../test/support/redis.ts";
import { type Server, startServer } from "../../test/support/server.ts";
import { mapAtOnce } from "../at-once.ts";
import type { WatchedProcess } from "../cpu.ts";
import { type Account, post, seedAccounts } from "../product.ts";
import type { Rooms } from "./load/orders.ts";

export interface Services {
  readonly postgres: Postgres;
  readonly redis: Redis;
  /** Where the processes' common key file is. */
  readonly dataDir: string;
}

/** One process of the product, as it is known to the others. */
export interface Member {
  readonly name: string;
  readonly server: Server;
  readonly id: string;
}

export interface Cluster {
  readonly database: string;
  readonly operator: Account;
  start(name: string): Promise<Member>;
  /** How many rooms a process has, as the database knows it. */
  roomsOf(id: string): Promise<number>;
  /** How many messages of this run are in the journal. */
  messages(): Promise<number>;
  /** The processes of one moment, to read their CPU time. */
  watched(members: readonly Member[], clients: readonly number[]): readonly WatchedProcess[];
}

const startsWithin = 20_000;
const createdAtOnce = 8;
const settleMs = 3_000;

/** A database with its people, on which processes can be started. */
export async function openCluster(
  { postgres, redis, dataDir }: Services,
  name: string,
  nodeOptions: readonly string[],
): Promise<Cluster> {
  const database = await postgres.createDatabase(name);
  await assertDurable(database);
  const [operator] = await seedAccounts(database, dataDir, ["operator"], "operator");
  if (!operator) throw new Error("There is no operator.");

  const start = async (name: string): Promise<Member> => {
    const port = await freePort();
    const address = `localhost:${port}`;
    const server = await startServer({
      port,
      dataDir,
      nodeOptions,
      env: {
        DATABASE_URL: database,
        REDIS_URL: redis.url,
        HOST: "127.0.0.1",
        LOG_LEVEL: "warn",
        DEMO: "0",
      },
    });
    for (const until = performance.now() + startsWithin; performance.now() < until; await delay(50)) {
      const [row] = await query(database, "SELECT id FROM process WHERE address = $1", [address]);
      if (row) return { name, server, id: String(row.id) };
    }
    await server.dispose();
    throw new Error(`${name} did not become a member of the cluster: ${server.output()}`);
  };

  return {
    database,
    operator,
    start,
    roomsOf: async (id) => {
      const [row] = await query(database, "SELECT count(*) AS rooms FROM room_owner WHERE process = $1", [
        id,
      ]);
      return Number(row?.rooms);
    },
    messages: async () => {
      const [row] = await query(
        database,
        "SELECT count(*) AS messages FROM journal WHERE type = 'chat.message'",
      );
      return Number(row?.messages);
    },
    watched: (members, clients) => [
      ...members.map(({ name, server }) => ({ name, pid: server.pid(), family: false })),
      { name: "postgres", pid: postgres.pid(), family: true },
      { name: "redis", pid: redis.pid(), family: false },
      ...clients.map((pid, index) => ({ name: `clients ${index + 1}`, pid, family: false })),
    ],
  };
}

/** Where each member of each room connects: so many chats, awake on this process, each with members of its own. */
export async function makeRooms(
  { database }: Cluster,
  dataDir: string,
  { server }: Member,
  { rooms, membersPerRoom }: { readonly rooms: number; readonly membersPerRoom: number },
): Promise<Rooms> {
  const people = Array.from({ length: rooms * membersPerRoom }, (_, n) => `person-${n}`);
  const accounts = await seedAccounts(database, dataDir, people, "clinician");
  const url = `http://127.0.0.1:${server.port}`;
  return mapAtOnce(Array.from({ length: rooms }), createdAtOnce, async (_, room) => {
    const [owner, ...others] = accounts.slice(room * membersPerRoom, (room + 1) * membersPerRoom);
    if (!owner) throw new Error("A room has nobody in it.");
    const members = others.map(({ person }) => ({ person, role: "member" }));
    const { id } = await post(`${url}/v1/chats`, owner.token, { title: `Room ${room}`, members });
    return [owner, ...others].map(({ person, token }) => ({ url, room: String(id), person, token }));
  });
}

/** Both know of each other, and are at rest. */
export async function settled(): Promise<void> {
  await delay(settleMs);
}
