import type { Migration, MigrationProvider } from "kysely/migration";
import { up as rooms } from "./001-rooms.ts";
import { up as identity } from "./002-identity.ts";

/** In order, forward only: a migration that was released is never changed. */
const migrations: Record<string, Migration> = {
  "001-rooms": { up: rooms },
  "002-identity": { up: identity },
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations };
