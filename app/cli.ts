import packageJson from "../package.json" with { type: "json" };
import { runCli } from "./cli/run.ts";
import { readSettings } from "./cli/settings.ts";

/** `npx hugmedo`: see `hugmedo --help`. */
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stopped.abort());
// Whoever reads our output may have seen enough: `hugmedo cluster watch | head`.
process.stdout.on("error", () => process.exit());

const [group, ...args] = process.argv.slice(2);
const world = {
  print: (line: string) => process.stdout.write(`${line}\n`),
  complain: (line: string) => process.stderr.write(`${line}\n`),
};
// These two work on the database itself, and so load what the server loads.
if (group === "audit") process.exitCode = await (await import("./records-cli.ts")).runAudit(args, world);
else if (group === "retention")
  process.exitCode = await (await import("./retention-cli.ts")).runRetention(args, world);
else process.exitCode = await cluster();

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
