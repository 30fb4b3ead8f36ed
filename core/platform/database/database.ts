import { PGlite } from "@electric-sql/pglite";
import { CompiledQuery, type Dialect, Kysely, PGliteDialect, PostgresDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import { lockDirectory } from "./directory-lock.ts";
import { migrationProvider } from "./migrations/index.ts";
import type { Tables } from "./tables.ts";
import { embeddedTenants, postgresTenants, type Tenants, tenantRole } from "./tenants.ts";
import { keepTimeline } from "./timeline.ts";

export type Db = Kysely<Tables>;

/** How the connections of a pool are used. */
export interface PoolUse {
  readonly used: number;
  readonly limit: number;
  /** Statements that wait for one. */
  readonly awaited: number;
}

/** An open database. Appends have connections of their own, so that readers never keep them waiting. */
export interface Database {
  readonly kind: "embedded" | "postgres";
  /** For everything but the journal's appends. */
  readonly db: Db;
  /** For the journal's appends alone. */
  readonly appends: Db;
  /** For what is asked on behalf of one organisation. */
  readonly tenants: Tenants;
  /** null: there is one connection for everything. */
  pools(): { readonly appends: PoolUse; readonly others: PoolUse; readonly tenants: PoolUse } | null;
  close(): Promise<void>;
}

const int8 = 20;
const engineRole = "hugmedo_engine";
/** Two batches may be in flight. */
const appendConnections = 2;

/**
 * Opens PostgreSQL at `url` and brings its tables up to date.
 * Statements end after 10 s; a transaction that idles longer than that is ended by the server.
 */
export async function openPostgres(url: string, poolSize: number): Promise<Database> {
  await withPostgres(url, migrate);
  const pools = {
    others: openPool(url, poolSize),
    appends: openPool(url, appendConnections),
    tenants: openPool(url, poolSize),
  };
  const db = new Kysely<Tables>({ dialect: postgresDialect(pools.others) });
  const appends = new Kysely<Tables>({ dialect: postgresDialect(pools.appends) });
  return {
    kind: "postgres",
    db,
    appends,
    tenants: postgresTenants(pools.tenants),
    pools: () => ({
      others: useOf(pools.others),
      appends: useOf(pools.appends),
      tenants: useOf(pools.tenants),
    }),
    close: async () => {
      await Promise.all([db.destroy(), appends.destroy(), pools.tenants.end()]);
    },
  };
}

/**
 * Opens the embedded database in a directory, which stays locked for the life of the process.
 * It survives kill -9, but not a power cut: it never flushes to disk itself.
 */
export async function openEmbedded(directory: string): Promise<Database> {
  const unlock = lockDirectory(directory);
  try {
    const database = await openPGlite(`${directory}/database`);
    return {
      ...database,
      close: async () => {
        await database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** An embedded database that is gone when it is closed, for tests. From an image it is there in a third of a second. */
export function openInMemory(image?: Blob): Promise<Database> {
  return openPGlite("memory://", image);
}

/** An image of an embedded database as it is when it is new. */
export async function imageInMemory(): Promise<Blob> {
  const pglite = await createPGlite("memory://");
  await migrate(new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }));
  const image = await pglite.dumpDataDir("none");
  await pglite.close();
  return image;
}

function createPGlite(directory: string, image?: Blob): Promise<PGlite> {
  return PGlite.create(directory, {
    parsers: { [int8]: Number },
    ...(image === undefined ? {} : { loadDataDir: image }),
  });
}

async function openPGlite(directory: string, image?: Blob): Promise<Database> {
  const pglite = await createPGlite(directory, image);
  const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
  if (image === undefined) await migrate(db);
  await sql`set role ${sql.id(engineRole)}`.execute(db);
  return {
    kind: "embedded",
    db,
    appends: db,
    tenants: embeddedTenants(db),
    pools: () => null,
    close: () => db.destroy(),
  };
}

function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    application_name: "hugmedo",
    types: { getTypeParser: typeParser },
  });
  // A connection that breaks while idle is replaced at the next use; its error has no other listener.
  pool.on("error", () => {});
  // Likewise one that breaks while it is lent out: the statement under way fails, and its caller is told.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

function useOf({ totalCount, idleCount, waitingCount, options }: pg.Pool): PoolUse {
  return { used: totalCount - idleCount, limit: options.max, awaited: waitingCount };
}

function postgresDialect(pool: pg.Pool): Dialect {
  return new PostgresDialect({
    pool,
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw(`set role ${engineRole}`));
    },
  });
}

function typeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return oid === int8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format ?? "text");
}

async function withPostgres(url: string, use: (db: Kysely<Tables>) => Promise<void>): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 5_000 });
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await use(db);
  } finally {
    await db.destroy();
  }
}

/** Roles belong to the whole server, so another process or database may be making the same one now. */
async function createRole(db: Kysely<Tables>, role: string): Promise<void> {
  const name = sql.id(role);
  await sql`
    do $$ begin
      create role ${name} nologin;
    exception when duplicate_object or unique_violation then null;
    end $$`.execute(db);
  await sql`
    do $$ begin
      if not pg_has_role(current_user, ${sql.lit(role)}, 'member') then
        execute format('grant ${name} to %I', current_user);
      end if;
    end $$`.execute(db);
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  for (const role of [engineRole, tenantRole]) await createRole(db, role);
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error) throw error;
  await keepTimeline(db);
}
