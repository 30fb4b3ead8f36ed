import packageJson from "../package.json" with { type: "json" };
import { runCli } from "./cli/run.ts";
import { readSettings } from "./cli/settings.ts";

/** `npx hugmedo`: see `hugmedo --help`. */
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stopped.abort());
// Whoever reads our output may have seen enough: `hugmedo cluster watch | head`.
process.stdout.on("error", () => process.exit());

const [group, ...args] = process.argv.slice(2);
process.exitCode = group === "audit" ? await audit(args) : await cluster();

/** Works on the database itself, and so loads what the server loads. */
async function audit(args: readonly string[]): Promise<number> {
  const { runAudit } = await import("./records-cli.ts");
  return runAudit(args, {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  });
}

function cluster(): Promise<number> {
  return runCli(process.argv.slice(2), {
    settings: readSettings(),
    version: packageJson.version,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopped.signal,
    lookEveryMs: 1_000,
    answerWithinMs: 10_000,
    now: Date.now,
  });
}
