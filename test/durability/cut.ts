import { query } from "../support/postgres.ts";

/** Ends the connections of a database on which something is, or was last, appended. */
export async function cutConnections(database: string): Promise<void> {
  await query(
    database,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and query like '%journal_append%' and pid <> pg_backend_pid()`,
  );
}
