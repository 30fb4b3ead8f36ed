import {
  type CompiledQuery,
  type ControlledTransaction,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PGliteAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from "kysely";
import type pg from "pg";
import type { Db } from "./database.ts";
import type { Tables } from "./tables.ts";

export const tenantRole = "hugmedo_tenant";

/**
 * The database as one organisation has it: whatever is asked, rows of others are not there, and none can be written for
 * them. What the API and the readers of the journal ask goes this way; the engine's own work, which mixes organisations, does not.
 */
export type Tenants = (org: string) => Db;

/** So many organisations' handles are kept: making one is little work, but it is done for every request. */
const keptHandles = 1_000;

function remembered(make: Tenants): Tenants {
  const handles = new Map<string, Db>();
  return (org) => {
    const known = handles.get(org);
    if (known) return known;
    const made = make(org);
    if (handles.size >= keptHandles) handles.delete(handles.keys().next().value ?? org);
    handles.set(org, made);
    return made;
  };
}

/** On connections of their own, each of which remembers for whom it was used last. */
export function postgresTenants(pool: pg.Pool): Tenants {
  const orgs = new WeakMap<pg.PoolClient, string>();
  const connect = async (org: string): Promise<pg.PoolClient> => {
    const client = await pool.connect();
    try {
      if (!orgs.has(client)) await client.query(`set role ${tenantRole}`);
      if (orgs.get(client) !== org) await client.query("select set_config('hugmedo.org', $1, false)", [org]);
      orgs.set(client, org);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
  return remembered(
    (org) =>
      new Kysely<Tables>({
        dialect: new PostgresDialect({
          pool: { connect: () => connect(org), end: async () => {}, options: pool.options },
        }),
      }),
  );
}

/** On the one connection that there is: each use is one short transaction. Ask nothing of `db` meanwhile, it waits. */
export function embeddedTenants(db: Db): Tenants {
  return remembered(
    (org) =>
      new Kysely<Tables>({
        dialect: {
          createAdapter: () => new PGliteAdapter(),
          createDriver: () => new EmbeddedDriver(db, org),
          createIntrospector: (tenant) => new PostgresIntrospector(tenant),
          createQueryCompiler: () => new PostgresQueryCompiler(),
        },
      }),
  );
}

class EmbeddedDriver implements Driver {
  readonly #db: Db;
  readonly #org: string;

  constructor(db: Db, org: string) {
    this.#db = db;
    this.#org = org;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const transaction = await this.#db.startTransaction().execute();
    try {
      await sql`set local role ${sql.id(tenantRole)}`.execute(transaction);
      await sql`select set_config('hugmedo.org', ${this.#org}, true)`.execute(transaction);
      return new EmbeddedConnection(transaction);
    } catch (error) {
      await transaction.rollback().execute();
      throw error;
    }
  }

  /** It has begun already. */
  async beginTransaction(): Promise<void> {}

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await ours(connection).end("commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await ours(connection).end("rollback");
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await ours(connection).end("commit");
  }

  async destroy(): Promise<void> {}
}

class EmbeddedConnection implements DatabaseConnection {
  readonly #transaction: ControlledTransaction<Tables>;
  #failed = false;

  constructor(transaction: ControlledTransaction<Tables>) {
    this.#transaction = transaction;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return await this.#transaction.executeQuery<R>(query);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  // biome-ignore lint/correctness/useYield: there is one way to read from the embedded database, and this is not it.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("The embedded database answers whole.");
  }

  async end(how: "commit" | "rollback"): Promise<void> {
    if (this.#transaction.isCommitted || this.#transaction.isRolledBack) return;
    if (how === "rollback" || this.#failed) await this.#transaction.rollback().execute();
    else await this.#transaction.commit().execute();
  }
}

function ours(connection: DatabaseConnection): EmbeddedConnection {
  if (!(connection instanceof EmbeddedConnection)) throw new Error("a connection of another database");
  return connection;
}
