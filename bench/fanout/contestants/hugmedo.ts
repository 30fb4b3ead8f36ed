import { setTimeout as delay } from "node:timers/promises";
import { assertDurable, type Postgres, query } from "../../../test/support/postgres.ts";
import { type Account, databaseUrl, post, seedAccounts, startProduct } from "../../product.ts";
import { type Contestant, membersPerRoom, roomCount } from "../shape.ts";

/** As shipped: 20 commands a second for each connection. */
const shippedRate = 20 * roomCount * membersPerRoom;

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
      const server = await startProduct({ databaseUrl: url, dataDir, env: limit, nodeOptions });
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

/** Ten people a room, each their own; rooms made by REST, as any integrator makes them. */
async function seed(postgres: Postgres, dataDir: string): Promise<Seeded> {
  const template = "hugmedo_template";
  const url = await postgres.createDatabase(template);
  const people = Array.from({ length: roomCount * membersPerRoom }, (_, n) => `person-${n}`);
  const accounts = await seedAccounts(url, dataDir, people, "clinician");
  const server = await startProduct({ databaseUrl: url, dataDir });
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

async function createChat(url: string, room: number, members: readonly Account[]): Promise<string> {
  const [owner, ...others] = members;
  const { id } = await post(`${url}/v1/chats`, owner?.token ?? "", {
    title: `Room ${room}`,
    members: others.map(({ person }) => ({ person, role: "member" })),
  });
  return String(id);
}
