type Grant = "select" | "insert" | "update" | "delete";

/**
 * The second wall around an organisation's rows (PostgreSQL's row-level security): statements that let the role of the
 * tenants' connections do `grants` on `table`, and see and write there only rows of the organisation that is set on the
 * connection. The table has a column `org`; another condition on its rows may take its place. The engine, whose batches mix
 * organisations, passes.
 *
 * Source: https://www.postgresql.org/docs/current/ddl-rowsecurity.html
 */
export function tenantTable(
  table: string,
  grants: readonly Grant[],
  condition: string = "org = current_setting('hugmedo.org', true)",
): string[] {
  return [
    `alter table ${table} enable row level security`,
    `create policy tenant on ${table} to hugmedo_tenant using (${condition})`,
    `create policy engine on ${table} to hugmedo_engine using (true)`,
    `grant ${grants.join(", ")} on ${table} to hugmedo_tenant`,
  ];
}
