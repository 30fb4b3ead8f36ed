import { cpus } from "node:os";
import { query } from "../test/support/postgres.ts";
import { probeFdatasync } from "./fdatasync.ts";

/** What the figures were measured on, as one line and in parts. */
export async function describeMachine(databaseUrl: string) {
  const fdatasync = probeFdatasync();
  const [row] = await query(databaseUrl, "SHOW server_version");
  const cores = cpus();
  const cpu = `${cores.length} × ${cores[0]?.model.trim() ?? "unknown CPU"}`;
  const versions = `Node ${process.version}, PostgreSQL ${row?.server_version}`;
  const flush = `fdatasync of 8 KB: median ${fdatasync.median.toFixed(2)} ms, p99 ${fdatasync.p99.toFixed(2)} ms`;
  return { summary: `${cpu}, ${versions}, ${flush}.`, cpu, versions, fdatasync };
}
