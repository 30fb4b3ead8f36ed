import {
  type BinaryOperationNode,
  ColumnNode,
  createQueryId,
  type KyselyPlugin,
  OperationNodeTransformer,
  OperatorNode,
  type QueryId,
  RawNode,
  ReferenceNode,
  type RootOperationNode,
  sql,
} from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import type { Database, Db } from "../../core/platform/database/database.ts";
import { type Tenants, tenantRole } from "../../core/platform/database/tenants.ts";
import { createOrgSettings } from "../../core/platform/repositories/org-settings.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { type Clinics, fillClinics, ring, type TenantQuery, tenantQueries } from "./tenant-queries.ts";

const always = RawNode.createWithSql("true");

/** Takes every comparison with an organisation out of a query, as a careless change might. */
class WithoutTenantFilter extends OperationNodeTransformer {
  removed = 0;

  protected override transformBinaryOperation(
    node: BinaryOperationNode,
    queryId?: QueryId,
  ): BinaryOperationNode {
    if (!isTenantFilter(node)) return super.transformBinaryOperation(node, queryId);
    this.removed += 1;
    return { ...node, leftOperand: always, rightOperand: always };
  }

  /** SQL written by hand: `m.org = $1`, and `j.org = m.org`. */
  protected override transformRaw(node: RawNode, queryId?: QueryId): RawNode {
    const raw = super.transformRaw(node, queryId);
    const sqlFragments = raw.sqlFragments.map((text) =>
      text.replaceAll(/\b\w+\.org = \w+\.org\b|\b(\w+\.)?org = $/g, (filter) => {
        this.removed += 1;
        return filter.endsWith("org = ") ? "'' <> " : "true";
      }),
    );
    return { ...raw, sqlFragments };
  }
}

/** An organisation's own row goes by its id. */
function isTenantFilter({ leftOperand, operator, rightOperand }: BinaryOperationNode): boolean {
  if (!ReferenceNode.is(leftOperand) || !ColumnNode.is(leftOperand.column)) return false;
  if (!OperatorNode.is(operator) || operator.operator !== "=") return false;
  const { name } = leftOperand.column.column;
  return name === "org" || (name === "id" && JSON.stringify(rightOperand).includes('"north"'));
}

interface Statement {
  readonly node: RootOperationNode;
  rows: readonly unknown[];
}

/** Runs what the application asks, with its filters removed, and keeps every statement with what it gave. */
async function runStripped(query: TenantQuery, handle: (org: string) => Db) {
  const transformer = new WithoutTenantFilter();
  const statements = new Map<object, Statement>();
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      const stripped = transformer.transformNode(node, queryId);
      statements.set(queryId, { node: stripped, rows: [] });
      return stripped;
    },
    transformResult: async ({ result, queryId }) => {
      const statement = statements.get(queryId);
      if (statement) statement.rows = result.rows;
      return result;
    },
  };
  await query.ask((org) => handle(org).withPlugin(plugin)).catch(refused);
  return { removed: transformer.removed, statements: [...statements.values()] };
}

/** That there is nothing is an answer too; anything else is not. */
function refused(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
  expect(["room_not_found", "unavailable"]).toContain(error.code);
}

async function replay(node: RootOperationNode, db: Db): Promise<readonly unknown[]> {
  const executor = db.getExecutor();
  const result = await executor.executeQuery(executor.compileQuery(node, createQueryId()));
  return result.rows;
}

describe.each(databaseKinds)("the second wall, without the first (%s)", (kind) => {
  let database: Database;
  let clinics: Clinics;

  beforeAll(async () => {
    database = await openDatabase(kind);
    clinics = await fillClinics(database);
  }, 120_000);
  afterAll(() => database.close());

  const foreignIn = (query: TenantQuery, rows: readonly unknown[]) =>
    query.foreign ? rows : rows.filter((row) => /south/i.test(JSON.stringify(row)));

  it("gives nothing foreign to any of the application's own queries; the engine would", async () => {
    for (const query of tenantQueries(clinics)) {
      const { name } = query;
      const unwalled = await runStripped(query, () => database.db);
      expect(unwalled.removed, `${name}: nothing was removed, so this proves nothing`).toBeGreaterThan(0);
      const seen = unwalled.statements.flatMap(({ rows }) => foreignIn(query, rows));
      expect(seen.length, `${name}: without the wall there is something to see`).toBeGreaterThan(0);

      const walled = await runStripped(query, database.tenants);
      for (const { rows } of walled.statements) expect(foreignIn(query, rows), name).toEqual([]);
      // Also what it would go on to ask if something had been found.
      for (const { node } of unwalled.statements) {
        expect(foreignIn(query, await replay(node, database.tenants("north"))), name).toEqual([]);
      }
    }
  }, 60_000);

  it("writes nothing for another organisation, whatever the application asks", async () => {
    const wrong: Tenants = () => database.tenants("north");
    const writes: readonly (() => Promise<unknown>)[] = [
      () => createOrgSettings(wrong).setMediaOrder("south", ["peer"]),
      () => createDataKeys(wrong, ring).ensure({ org: "south", scope: "person", subject: "eve" }),
    ];
    for (const write of writes) await expect(write()).rejects.toThrow(/row-level security/);
    await createOrgSettings(wrong).setMediaOrder("south", null);
    expect(await createOrgSettings(database.tenants).mediaOrder("south")).toEqual(["peer"]);
  });

  it("stands around every table that has organisations' rows, for exactly two roles", async () => {
    const tables = await tablesOf(database.db);
    const named = (wanted: (table: CatalogueTable) => boolean) =>
      tables.filter(wanted).map(({ name }) => name);
    expect(named(({ org }) => org)).toEqual(
      expect.arrayContaining(["audit_entry", "data_key", "journal", "person", "room_owner"]),
    );
    // What tenants may do nothing to needs no wall: it is the engine's alone.
    for (const { name, walled: on, policies } of tables.filter(({ granted }) => granted)) {
      expect(on, `${name}: alter table ... enable row level security; see tenantTable()`).toBe(true);
      expect(policies, name).toEqual(["hugmedo_engine", tenantRole]);
    }
    expect(
      named(({ org, granted }) => granted && !org),
      "rows without a column org that tenants see: their policies go by the person or client they are of",
    ).toEqual(["client_secret", "org", "second_factor", "session"]);
  });

  it("has no door beside it but one, which asks for the organisation itself", async () => {
    const { rows: relations } = await sql<{ name: string; kind: string }>`
      select c.relname as name, c.relkind as kind from pg_class c, aclexplode(c.relacl) a
      where c.relnamespace = 'public'::regnamespace
        and (a.grantee = 0 or (a.grantee = ${tenantRole}::regrole and c.relkind not in ('r', 'p', 'S')))
    `.execute(database.db);
    expect(relations).toEqual([]);
    // Functions that do not run as whoever calls them, and that a tenant may call.
    const { rows: functions } = await sql<{ name: string }>`
      select proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and prosecdef
        and has_function_privilege(${tenantRole}, oid, 'execute')`.execute(database.db);
    expect(functions.map(({ name }) => name)).toEqual(["search_candidates"]);
    await sql`
      insert into search_doc (generation, org, kind, room_kind, room, seq, author, at, sources, grams)
      values (1, 'south', 'message', 'chat', 'south-chat', 2, 'south-pat', 5, '{2}', '{1}')
    `.execute(database.db);
    const found = async (org: string) => {
      const { rows } = await sql`
        select room from search_candidates(
          1, 'south-pat', '{1}', '{message}', '{message}', null, null, null, 0, 10, 10, 1000, 9
        )`.execute(database.tenants(org));
      return rows;
    };
    expect(await found("south")).toContainEqual({ room: "south-chat" });
    expect(await found("north")).toEqual([]);
    const { rows: roles } = await sql`
      select rolname from pg_roles where rolname like 'hugmedo%' and (rolbypassrls or rolsuper)
    `.execute(database.db);
    expect(roles).toEqual([]);
  });
});

interface CatalogueTable {
  readonly name: string;
  /** Whether it has a column of that name. */
  readonly org: boolean;
  /** Whether tenants may do anything to it. */
  readonly granted: boolean;
  readonly walled: boolean;
  /** The roles that its policies are for. */
  readonly policies: readonly string[];
}

async function tablesOf(db: Db): Promise<readonly CatalogueTable[]> {
  const { rows } = await sql<CatalogueTable>`
    select c.relname as name, c.relrowsecurity as walled,
      exists (
        select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org' and not a.attisdropped
      ) as org,
      exists (select from aclexplode(c.relacl) a where a.grantee = ${tenantRole}::regrole) as granted,
      array(
        select r.rolname::text from pg_policy p, unnest(p.polroles) on_role
        left join pg_roles r on r.oid = on_role where p.polrelid = c.oid order by 1
      ) as policies
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    order by c.relname`.execute(db);
  return rows;
}
