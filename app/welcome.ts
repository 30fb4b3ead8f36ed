import type { Config } from "../core/platform/config.ts";
import type { RunningServer } from "./server.ts";

/** What a person who started the server reads: where to go, who can sign in, what to expect. */
export function welcome(
  config: Config,
  { port, database }: Pick<RunningServer, "port" | "database">,
): string {
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
    "  API reference: /docs · health: /readyz",
  );
  return lines.join("\n");
}
