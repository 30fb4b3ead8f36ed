import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { HugMeDo, HugMeDoError, type Session } from "../../client/sdk/index.ts";
import { accessToken } from "../durability/store.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";
import { type Redis, startRedis } from "../support/redis.ts";
import { type Server, startServer } from "../support/server.ts";

/** Several processes of the product on one PostgreSQL and one Redis, all of the test's own. */
export interface Cluster {
  readonly redis: Redis;
  readonly postgres: Postgres;
  readonly servers: readonly Server[];
  /** The process's id in the cluster. */
  idOf(server: Server): Promise<string>;
  add(env?: Readonly<Record<string, string>>): Promise<Server>;
  /** A demo account, signed in through that process, once for the whole cluster. */
  session(server: Server, person: string): Promise<Session>;
  /** An access token of a demo account. */
  token(server: Server, person: string): Promise<string>;
  /** What a demo account asks over REST, of `/v1/…`; a refusal is returned as it came. */
  post(person: string, path: string, body: object, through?: Server): Promise<unknown>;
  /** A new chat of the clinician, the patient and the desk; returns its id. */
  openChat(): Promise<string>;
  /** A new queue, run by the clinicians and the desk. */
  openQueue(): Promise<string>;
  /** A new visit of the patient to the clinician. */
  openVisit(): Promise<string>;
  /** A room goes to that process, or to any other. */
  move(
    kind: string,
    id: string,
    options?: { readonly to?: Server; readonly force?: boolean },
  ): Promise<unknown>;
  /** Of the database, read past the product. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Where a room is awake; null: it sleeps. */
  ownerOf(kind: string, id: string): Promise<{ readonly process: string | null; readonly epoch: number }>;
  /** The server where a room is awake. */
  serverOf(kind: string, id: string): Promise<Server>;
  /** What the journal has of a room. Throws where it has a gap, or where an epoch goes back. */
  journalOf(kind: string, id: string): Promise<readonly JournalRow[]>;
  close(): Promise<void>;
}

export interface JournalRow {
  readonly seq: number;
  readonly epoch: number;
  readonly type: string;
  readonly actor: string;
}

/** The product without its page, which nobody looks at here. */
const withoutPage: readonly string[] = ["test/durability/server-entry.ts"];
const mediaEntry = ["app/start.ts"];
/** Of a process, on a machine that has much else to do (ms). */
const readyWithin = 150_000;

/** Starts that many processes. `entry`: what is started, where that is more than the product without its page. */
export async function openCluster(
  size: number,
  env: Readonly<Record<string, string>> = {},
  entry: readonly string[] = withoutPage,
): Promise<Cluster> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const folder = temporaryFolder("cluster");
  const database = await postgres.createDatabase("cluster");
  const pool = new pg.Pool({ connectionString: database, max: 2 });
  pool.on("error", () => {});
  const servers: Server[] = [];
  const shared = {
    DATABASE_URL: database,
    REDIS_URL: redis.url,
    KEY_FILE: join(folder.path, "keys.json"),
    DEMO: "1",
    LOG_LEVEL: "info",
  };
  const add: Cluster["add"] = async (extra = {}) => {
    const all: Record<string, string> = { ...shared, ...env, ...extra };
    const started = all.ROLES === "media" ? mediaEntry : entry;
    const server = await startServer({ env: all, entry: started, readyWithin });
    servers.push(server);
    return server;
  };
  const rows: Cluster["rows"] = async (sql, values = []) => (await pool.query(sql, [...values])).rows;
  // The first one makes what all share.
  await add();
  await Promise.all(Array.from({ length: size - 1 }, () => add()));

  const idOf: Cluster["idOf"] = async ({ port }) => {
    const address = `localhost:${port}`;
    const newest = "select id from process where address = $1 order by started_at desc limit 1";
    const [row] = await rows<{ id: string }>(newest, [address]);
    if (!row) throw new Error(`No process of the cluster is at ${address}.`);
    return row.id;
  };
  /** Signing in is made to cost something: each person does it once. */
  const once = <T>(make: (server: Server, person: string) => Promise<T>) => {
    const known = new Map<string, Promise<T>>();
    return (server: Server, person: string): Promise<T> => {
      const key = `${person}@${server.port}`;
      const made = known.get(key) ?? make(server, person);
      known.set(key, made);
      return made;
    };
  };
  const session = once(async (server, person) => {
    for (;;) {
      try {
        return await HugMeDo.signIn({ url: server.url, username: person, password: `demo-${person}` });
      } catch (error) {
        // A busy machine may take longer for it than the SDK waits.
        if (!(error instanceof HugMeDoError && error.code === "unavailable")) throw error;
      }
    }
  });
  const token = once((server, person) => accessToken(server.url, person));
  const post: Cluster["post"] = async (person, path, body, through = firstOf(servers)) => {
    const response = await fetch(`${through.url}/v1/${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await token(firstOf(servers), person)}`,
      },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const make = async (path: string, body: object): Promise<string> =>
    z.object({ id: z.string() }).parse(await post("admin", path, body)).id;
  return {
    redis,
    postgres,
    servers,
    add,
    rows,
    idOf,
    session,
    token,
    post,
    openChat: () =>
      make("chats", {
        title: "Test",
        members: ["clinician", "patient", "desk"].map((person) => ({ person, role: "member" })),
      }),
    openQueue: () =>
      make("queues", { settings: { title: "Test" }, staff: ["clinician", "clinician2", "desk"] }),
    openVisit: () => make("visits", { patient: "patient", clinician: "clinician", reason: "Cough" }),
    move: async (kind, id, { to, force } = {}) =>
      post("operator", `cluster/rooms/${kind}/${id}/move`, {
        ...(to && { to: await idOf(to) }),
        ...(force === undefined ? {} : { force }),
      }),
    serverOf: async (kind, id) => {
      const [row] = await rows<{ address: string }>(
        "select p.address from room_owner o join process p on p.id = o.process where o.kind = $1 and o.id = $2",
        [kind, id],
      );
      const server = servers.find(({ port }) => row?.address === `localhost:${port}`);
      if (!server) throw new Error(`The room ${kind} ${id} is awake on none of the processes.`);
      return server;
    },
    journalOf: async (kind, id) => {
      const found = await rows<{ seq: string; epoch: string; type: string; actor: string }>(
        "select seq, epoch, type, actor from journal where kind = $1 and id = $2 order by seq",
        [kind, id],
      );
      const journal = found.map((row) => ({ ...row, seq: Number(row.seq), epoch: Number(row.epoch) }));
      for (const [i, { seq, epoch }] of journal.entries()) {
        if (seq !== i + 1) throw new Error(`The journal has ${seq} where ${i + 1} should be.`);
        if (epoch < (journal[i - 1]?.epoch ?? 0)) throw new Error(`The epoch goes back at ${seq}.`);
      }
      return journal;
    },
    ownerOf: async (kind, id) => {
      const [owner] = await rows<{ process: string | null; epoch: string }>(
        "select process, epoch from room_owner where kind = $1 and id = $2",
        [kind, id],
      );
      return { process: owner?.process ?? null, epoch: Number(owner?.epoch) };
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.dispose()));
      await pool.end();
      await Promise.all([postgres.dispose(), redis.dispose()]);
      folder.remove();
    },
  };
}

function firstOf(servers: readonly Server[]): Server {
  const [first] = servers;
  if (!first) throw new Error("The cluster has no process.");
  return first;
}
