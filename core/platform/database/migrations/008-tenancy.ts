import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

const all = ["select", "insert", "update", "delete"] as const;
const ownOrg = "id = current_setting('hugmedo.org', true)";
const ownPerson = "exists (select from person where person.id = session.person)";

/** What the API and the readers use of the tables that were there before. */
const statements = [
  ...tenantTable("org", ["select"], ownOrg),
  ...tenantTable("person", all),
  ...tenantTable("session", ["select", "update"], ownPerson),
  ...tenantTable("room_owner", ["select"]),
  ...tenantTable("journal", ["select"]),
  ...tenantTable("room_member", ["select"]),
  ...tenantTable("room_listing", ["select"]),
  ...tenantTable("data_key", ["select", "insert"]),
  ...tenantTable("audit_entry", ["select", "insert"]),
  ...tenantTable("org_setting", all),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
