import { parseArgs } from "node:util";
import type { Command, Given, Report, Tools } from "./command.ts";
import { commands } from "./commands/index.ts";
import { type ExitCode, exitCodes, Failure, usage } from "./failure.ts";
import { commonOptions, helpOn, overview } from "./help.ts";
import { createRest } from "./rest.ts";
import type { CliSettings } from "./settings.ts";
import { createTerminal, type Output, type Terminal } from "./terminal.ts";

/** What the command line has of the world. */
export interface World {
  readonly settings: CliSettings;
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Between two looks at the server (ms). */
  readonly lookEveryMs: number;
  /** How long an answer may take (ms). */
  readonly answerWithinMs: number;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Runs what was written behind `hugmedo`, and says how it went. Never throws for what may go wrong. */
export async function runCli(args: readonly string[], world: World): Promise<ExitCode> {
  const json = args.includes("--json");
  const terminal = createTerminal(world.stdout, world.stderr, json);
  try {
    const report = await dispatch(args, world, terminal);
    if (report !== null) terminal.print(json ? JSON.stringify({ ok: true, ...report.json }) : report.text);
    return exitCodes.done;
  } catch (error) {
    const failure = world.signal.aborted ? interrupted : error;
    if (!(failure instanceof Failure)) throw error;
    const { code, message, detail, exitCode } = failure;
    terminal.complain(message);
    if (json) terminal.print(JSON.stringify({ ok: false, error: { code, message }, ...detail }));
    return exitCode;
  } finally {
    terminal.close();
  }
}

const interrupted = new Failure(
  exitCodes.interrupted,
  "interrupted",
  "Stopped waiting. What had begun goes on: hugmedo cluster status",
);

async function dispatch(args: readonly string[], world: World, terminal: Terminal): Promise<Report | null> {
  const [group = "", name = "", ...rest] = args;
  if (group === "--version") return say(world.version);
  const isGroup = commands.some((one) => one.group === group);
  if (isHelp(group) || (isGroup && isHelp(name))) return say(overview());
  if (!isGroup || name === "") throw usage(group === "" || isGroup ? overview() : unknown(group));
  const command = commands.find((one) => one.group === group && one.name === name);
  if (!command) throw usage(unknown(`${group} ${name}`));
  const given = parse(command, rest);
  if (given.options.help === true) return say(helpOn(command));
  checkArguments(command, given.arguments);
  return await withTools(world, terminal, given, (tools) => command.run(given, tools));
}

/** Help is no JSON, whatever is asked for. */
function say(text: string): Report {
  return { text, json: { help: text } };
}

function isHelp(word: string): boolean {
  return ["--help", "-h", "help"].includes(word);
}

function unknown(what: string): string {
  const groups = [...Map.groupBy(commands, ({ group }) => group)].map(
    ([group, own]) => `hugmedo ${group} ${own.map(({ name }) => name).join(", ")}`,
  );
  return `There is no command "${what}". There is: ${groups.join("; ")}. See hugmedo --help.`;
}

function parse(command: Command, args: readonly string[]): Given {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...commonOptions, ...command.options },
      allowPositionals: true,
    });
    const options = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
    );
    return { arguments: positionals, options, json: options.json === true };
  } catch (error) {
    const [what] = error instanceof Error ? error.message.split(". ") : [];
    throw usage(`${what}. See hugmedo ${command.group} ${command.name} --help.`);
  }
}

function checkArguments(
  { group, name, takes, arguments: [least, most] }: Command,
  given: readonly string[],
): void {
  if (given.length >= least && given.length <= most) return;
  const form = `hugmedo ${group} ${name}`;
  throw usage(`It is: ${`${form} ${takes}`.trim()}. See ${form} --help.`);
}

async function withTools<T>(
  { settings, signal, lookEveryMs, answerWithinMs, now }: World,
  terminal: Terminal,
  { options }: Given,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  const url = typeof options.url === "string" ? options.url : settings.url;
  const rest = createRest({ ...settings, url }, { signal, answerWithinMs });
  try {
    return await work({ rest, terminal, signal, lookEveryMs, now });
  } finally {
    await rest.signOut();
  }
}
