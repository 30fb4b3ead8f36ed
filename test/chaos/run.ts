/** `npm run chaos -- [options]`: see `--help`. Exits 1 when anything went wrong, 2 when it was not understood. */
import { chaos } from "./chaos.ts";
import { type Options, readOptions, usage } from "./options.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

function understood(args: readonly string[]): Options | null {
  if (args.includes("--help")) return null;
  try {
    return readOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return null;
  }
}

const options = understood(process.argv.slice(2));
if (options === null) {
  say(usage);
} else {
  const { verdict, report, history } = await chaos({ ...options, say });
  if (!verdict.ok) {
    process.exitCode = 1;
    say(`\nSeed ${verdict.seed} FAILED.\n${report}`);
    for (const missed of verdict.missed) say(`could not be done: ${missed}`);
    for (const who of verdict.unsettled) say(`not live at the end: ${who}`);
    say(`everything that was recorded, and the logs: ${history}`);
  }
  say(options.json ? JSON.stringify(verdict) : `\n${JSON.stringify(verdict, null, 2)}`);
}
// Node may wait for ever for handles of connections that were reset.
process.exit();
