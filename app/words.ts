import { ConfigError } from "../core/platform/config/config-error.ts";
import type { Config } from "../core/platform/config.ts";
import { DirectoryInUse } from "../core/platform/database/directory-lock.ts";
import type { RunningServer } from "./server.ts";

/** What a person who started the server reads: where to go, who can sign in, what to expect. */
export function welcome(
  config: Config,
  { port, database, notes }: Pick<RunningServer, "port" | "database" | "notes">,
): string {
  if (!config.roles.includes("rooms")) {
    return `HugMeDo carries calls here. Health: http://localhost:${port}/readyz`;
  }
  const lines = [`HugMeDo is running: ${config.publicAddress ?? `http://localhost:${port}`}`];
  if (config.demo) {
    lines.push(
      "  Sign in as patient, patient2, patient3, clinician, clinician2, desk, admin, operator or auditor;",
      "  the password is demo- and the name (demo-patient). These are demo accounts: use no real data.",
    );
  }
  lines.push(
    database === "embedded"
      ? `  Data is kept in ${config.dataDir}. It survives kill -9, not a power cut: set DATABASE_URL for that.`
      : "  Data is kept in PostgreSQL.",
    `  Keys that encrypt it are in ${config.keyFile}: back that file up.`,
    ...notes.map((note) => `  ${note}`),
    "  API reference: /docs · health: /readyz",
  );
  return lines.join("\n");
}

/** Why the server did not start, in words where we have some. */
export function explainFailedStart(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof DirectoryInUse) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") return "Another program uses this port. Stop it, or set PORT to another one.";
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "ETIMEDOUT") {
    return "The database of DATABASE_URL cannot be reached. Is it running, and is the address right?";
  }
  if (code === "28P01" || code === "28000")
    return "The database of DATABASE_URL refuses this user or password.";
  if (code === "57P03") return "The database of DATABASE_URL is starting or stopping. Try again in a moment.";
  if (code === "3D000") return "The database that DATABASE_URL names does not exist. Create it first.";
  return error;
}
