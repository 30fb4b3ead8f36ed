import { setTimeout as delay } from "node:timers/promises";
import { openKeyFile } from "../../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../../core/platform/database/database.ts";
import { createIdentity } from "../../../core/platform/identity/identity.ts";
import { createLogger } from "../../../core/platform/logger.ts";
import { assertDurable, type Postgres, query } from "../../../test/support/postgres.ts";
import { type Server, startServer } from "../../../test/support/server.ts";
import { type Contestant, membersPerRoom, roomCount } from "../shape.ts";

/** As shipped: 20 commands a second for each connection. */
const shippedRate = 20 * roomCount * membersPerRoom;
const audience = "hugmedo";
const org = "bench";
const tokenLifetime = 12 * 3_600_000;

/** A person with a token that outlasts the benchmark. */
interface Account {
  readonly person: string;
  readonly token: string;
}

interface Seeded {
  /** A database that every start copies: people, sessions, and the chats with their members. */
  readonly template: string;
  readonly chats: readonly { readonly id: string; readonly members: readonly Account[] }[];
}

export interface HugmedoOptions {
  readonly postgres: Postgres;
  /** Where the server keeps its master keys, over all its starts. */
  readonly dataDir: string;
  /** Flags for the server's Node. */
  readonly nodeOptions?: readonly string[];
  readonly notice: (text: string) => void;
}

/** The product as `npm start` runs it, with everything on, on a durable PostgreSQL. */
export function hugmedo({ postgres, dataDir, nodeOptions = [], notice }: HugmedoOptions): Contestant {
  let seeded: Promise<Seeded> | null = null;
  let starts = 0;

  return {
    name: "hugmedo",
    dialect: "colyseus",
    start: async (rate) => {
      seeded ??= seed(postgres, dataDir);
      const { template, chats } = await seeded;
      const database = `hugmedo_${++starts}`;
      await query(postgres.url, `CREATE DATABASE ${database} TEMPLATE ${template}`);
      const url = databaseUrl(postgres, database);
      await assertDurable(url);
      const highestRate = Math.max(shippedRate, rate);
      const commands = Math.ceil((rate / shippedRate) * 20 * 1.25);
      const raised = rate > shippedRate;
      if (raised) notice(`hugmedo: COMMANDS_PER_SECOND raised from 20 to ${commands} for ${rate} messages/s`);
      const limit = raised ? { COMMANDS_PER_SECOND: String(commands) } : {};
      const server = await start(url, dataDir, limit, nodeOptions);
      return {
        rooms: chats.map(({ id, members }) =>
          members.map(({ token }) => ({ url: `http://127.0.0.1:${server.port}`, room: id, token })),
        ),
        processes: [
          { name: "server", pid: server.pid(), family: false },
          { name: "postgres", pid: postgres.pid(), family: true },
        ],
        highestRate,
        stop: async () => {
          await Promise.race([server.stop(), delay(20_000, undefined, { ref: false })]);
          await server.dispose();
          await query(postgres.url, `DROP DATABASE ${database} WITH (FORCE)`);
        },
      };
    },
  };
}

function start(
  url: string,
  dataDir: string,
  env: Readonly<Record<string, string>>,
  nodeOptions: readonly string[],
): Promise<Server> {
  return startServer({
    dataDir,
    nodeOptions,
    env: { DATABASE_URL: url, LOG_LEVEL: "warn", DEMO: "0", ...env },
  });
}

function databaseUrl(postgres: Postgres, name: string): string {
  return `postgres://postgres@127.0.0.1:${postgres.port}/${name}`;
}

/** Ten people a room, each their own; rooms made by REST, as any integrator makes them. */
async function seed(postgres: Postgres, dataDir: string): Promise<Seeded> {
  const template = "hugmedo_template";
  const url = await postgres.createDatabase(template);
  const accounts = await seedAccounts(url, dataDir);
  const server = await start(url, dataDir, {}, []);
  try {
    const chats = [];
    for (let room = 0; room < roomCount; room++) {
      const members = accounts.slice(room * membersPerRoom, (room + 1) * membersPerRoom);
      chats.push({ id: await createChat(server.url, room, members), members });
    }
    return { template, chats };
  } finally {
    await server.stop();
    await server.dispose();
  }
}

/** Through the product's own identity, without passwords: hashing 400 of them would take minutes. */
async function seedAccounts(url: string, dataDir: string): Promise<readonly Account[]> {
  const database = await openPostgres(url, 10);
  const identity = await createIdentity({
    db: database.db,
    keyRing: await openKeyFile(`${dataDir}/master-keys.json`),
    logger: createLogger({ level: "warn" }),
    now: Date.now,
    audience,
    allowDemo: false,
    accessLifetimeMs: tokenLifetime,
  });
  try {
    await identity.people.ensureOrg(org, "Benchmark");
    const names = Array.from({ length: roomCount * membersPerRoom }, (_, n) => `person-${n}`);
    return await Promise.all(
      names.map(async (person) => {
        const roles = ["clinician"] as const;
        await identity.people.add({
          id: person,
          org,
          username: person,
          name: person,
          roles,
          demo: false,
          password: null,
        });
        const { refreshToken } = await identity.sessions.open(person);
        return { person, token: (await identity.refresh(refreshToken)).accessToken };
      }),
    );
  } finally {
    identity.close();
    await database.close();
  }
}

async function createChat(url: string, room: number, members: readonly Account[]): Promise<string> {
  const [owner, ...others] = members;
  const response = await fetch(`${url}/v1/chats`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${owner?.token}` },
    body: JSON.stringify({
      title: `Room ${room}`,
      members: others.map(({ person }) => ({ person, role: "member" })),
    }),
  });
  const answer: unknown = await response.json();
  if (typeof answer === "object" && answer && "id" in answer && typeof answer.id === "string")
    return answer.id;
  throw new Error(`No chat was made: ${response.status} ${JSON.stringify(answer)}`);
}
