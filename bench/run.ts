/** `npm run bench -- <name> [options]` */
import { activation } from "./activation/command.ts";
import { api } from "./api/command.ts";
import { failover } from "./failover/command.ts";
import { fanout } from "./fanout/command.ts";
import { handoff } from "./handoff/command.ts";
import { queue } from "./queue/command.ts";
import { search } from "./search/command.ts";

const benchmarks: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  activation,
  api,
  failover,
  fanout,
  handoff,
  queue,
  search,
};

const [name = "", ...args] = process.argv.slice(2);
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
if (!benchmark) {
  process.stderr.write(`npm run bench -- <name> [--help]; names: ${Object.keys(benchmarks).join(", ")}\n`);
  process.exit(2);
}
try {
  process.exitCode = await benchmark(args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
