import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { assertDurable, type Postgres, query } from "../../test/support/postgres.ts";
import { mapAtOnce } from "../at-once.ts";
import { type Account, databaseUrl, post, seedAccounts, startProduct } from "../product.ts";

const joinsAtOnce = 8;

export interface Clinic {
  readonly postgres: Postgres;
  /** Where the servers keep their master keys. */
  readonly dataDir: string;
  /** A database with everyone in it, which each server copies. */
  readonly template: string;
  readonly admin: Account;
  readonly staff: readonly Account[];
  readonly patients: readonly Account[];
}

/** Makes the people: all sizes have the same. */
export async function seedClinic(
  postgres: Postgres,
  dataDir: string,
  people: { readonly patients: number; readonly staff: number },
): Promise<Clinic> {
  const template = "queue_template";
  const url = await postgres.createDatabase(template);
  const named = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
  const patients = await seedAccounts(url, dataDir, named("patient", people.patients), "patient");
  const staff = await seedAccounts(url, dataDir, named("staff", people.staff), "clinician");
  const [admin] = await seedAccounts(url, dataDir, ["admin"], "admin");
  if (!admin) throw new Error("The clinic has no administrator.");
  return { postgres, dataDir, template, admin, staff, patients };
}

/** A server of its own with one queue, its staff on duty, in which nobody waits yet. */
export interface QueueServer {
  readonly url: string;
  readonly room: string;
  readonly pid: number;
  /** Everyone joins, in this order; whoever is not connected counts as gone for a moment. */
  joinAll(patients: readonly Account[]): Promise<void>;
  /** The seq of the queue's last snapshot. */
  snapshotSeq(): Promise<number>;
  stop(): Promise<void>;
}

/** Nothing that time brings falls into a run, and a call or a hold is the next thing due in every size. */
const settings = {
  title: "Queue",
  callSeconds: 120,
  holdSeconds: 600,
  graceSeconds: 3_600,
  awaySeconds: 86_400,
  longWaitSeconds: 86_400,
};

export async function openQueueServer(
  { postgres, dataDir, template, admin, staff }: Clinic,
  { database, nodeOptions }: { readonly database: string; readonly nodeOptions: readonly string[] },
): Promise<QueueServer> {
  await query(postgres.url, `CREATE DATABASE ${database} TEMPLATE ${template}`);
  const db = databaseUrl(postgres, database);
  await assertDurable(db);
  // One command after the other, in turn by the staff, may be more than 20 a second each.
  const env = { COMMANDS_PER_SECOND: "1000" };
  const server = await startProduct({ databaseUrl: db, dataDir, env, nodeOptions });
  const stop = async () => {
    await Promise.race([server.stop(), delay(30_000, undefined, { ref: false })]);
    await server.dispose();
    await query(postgres.url, `DROP DATABASE ${database} WITH (FORCE)`);
  };
  try {
    const url = `http://127.0.0.1:${server.port}`;
    const people = staff.map(({ person }) => person);
    const made = await post(`${url}/v1/queues`, admin.token, { settings, staff: people });
    const room = String(made.id);
    const command = async (token: string, name: string, payload: object) => {
      await post(`${url}/v1/rooms/waiting/${room}/commands`, token, { name, payload });
    };
    // Before anyone waits, as it changes everyone's estimate.
    for (const { token } of staff) {
      await command(token, "queue.duty", { id: randomUUID(), status: "available" });
    }
    return {
      url,
      room,
      pid: server.pid(),
      joinAll: async (patients) => {
        await mapAtOnce(patients, joinsAtOnce, ({ token }) =>
          command(token, "queue.join", { id: randomUUID(), reason: "Cough" }),
        );
      },
      snapshotSeq: async () => {
        const [row] = await query(db, "SELECT seq FROM snapshot WHERE kind = 'waiting' AND id = $1", [room]);
        return Number(row?.seq ?? 0);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
