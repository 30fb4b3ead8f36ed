import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { openInMemory } from "../support/in-memory.ts";
import { startPostgres } from "../support/postgres.ts";

export const databaseKinds = ["embedded", "postgres"] as const;

/** A new database of either kind, gone when it is closed. */
export async function openDatabase(kind: (typeof databaseKinds)[number]): Promise<Database> {
  if (kind === "embedded") return openInMemory();
  const postgres = await startPostgres();
  const database = await openPostgres(postgres.url, 2);
  return {
    ...database,
    close: async () => {
      await database.close();
      await postgres.dispose();
    },
  };
}
