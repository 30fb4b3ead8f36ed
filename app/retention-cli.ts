import { access } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ConfigError } from "../core/platform/config/config-error.ts";
import { loadConfig } from "../core/platform/config.ts";
import { openEmbedded, openPostgres } from "../core/platform/database/database.ts";
import type { DueRecords } from "../core/platform/records/retention-preview.ts";
import { previewOf } from "./records.ts";
import type { AuditWorld } from "./records-cli.ts";

const help = `hugmedo retention preview [--org <id>] [--json]

Counts what retention would remove if it looked now, and removes nothing. It reads the database that DATABASE_URL (else DATA_DIR)
names, as the server's settings do; stop an embedded server first. What is under a legal hold is not counted.

  --org   one organisation; else all that settled something
  --json  one JSON object

Ends with 0, or with 2 where it could not look.`;

const options = {
  org: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs what was written behind `hugmedo retention`. Returns the exit code. */
export async function runRetention(args: readonly string[], world: AuditWorld): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help) {
      world.print(help);
      return 0;
    }
    if (positionals.join(" ") !== "preview") {
      world.complain(help);
      return 2;
    }
    const due = await look(values.org, world);
    if (values.json) world.print(JSON.stringify({ due }));
    else for (const line of describe(due)) world.print(line);
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    world.complain(error.message);
    return 2;
  }
}

async function look(org: string | undefined, { env }: AuditWorld): Promise<DueRecords[]> {
  const { databaseUrl, dataDir } = loadConfig(env);
  // An empty database would be made otherwise, in which nothing is due.
  if (databaseUrl === null)
    await access(dataDir).catch(() => {
      throw new ConfigError(`DATA_DIR: there is none at ${dataDir}. Name the server's.`);
    });
  const database = await (databaseUrl === null ? openEmbedded(dataDir) : openPostgres(databaseUrl, 2));
  try {
    return await previewOf(database, Date.now, org);
  } finally {
    await database.close();
  }
}

function describe(due: readonly DueRecords[]): string[] {
  if (due.length === 0) return ["Nothing is settled: all is kept for good."];
  return due.map(
    ({ org, kind, days, before, count }) =>
      `${org}: ${kind}, kept for ${days} days: ${count} due, from before ${new Date(before).toISOString()}`,
  );
}
