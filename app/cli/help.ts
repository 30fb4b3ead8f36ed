import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";

/** Options of every command. */
export const commonOptions = {
  url: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const commonOptionHelp = [
  ["--url <url>", "where the server is"],
  ["--json", "the last line is one JSON object, for scripts (watch: each line)"],
  ["-h, --help", "this help"],
] as const;

const environment = `Where the server is, and who you are, from the environment:
  HUGMEDO_URL                      http://localhost:2567 unless set; any process of the cluster will do
  HUGMEDO_TOKEN                    an operator's access token, or
  HUGMEDO_USER, HUGMEDO_PASSWORD   an operator's account (of the demo: operator, demo-operator)`;

const codes = `Exit codes:
  0  done
  1  refused, or begun and not brought to its end
  2  not a command, or not its form
  3  the server, or a part of it, cannot be reached
  4  not done in the time that was given; it goes on`;

/** `hugmedo --help` and `hugmedo cluster --help`. */
export function overview(): string {
  const lines = commands.map(
    (one) => [`hugmedo ${one.group} ${one.name} ${one.takes}`.trimEnd(), one.summary] as const,
  );
  return `${[
    "hugmedo: see and steer a running cluster. For operators. (In a checkout: npx hugmedo …)",
    columns(lines),
    columns([
      ["hugmedo audit verify", "whether the audit is as it was written: hugmedo audit --help"],
      ["hugmedo retention preview", "what retention would remove now: hugmedo retention --help"],
    ]),
    "hugmedo cluster <command> --help (search likewise) says more of one. The beginning of a process's id is enough.",
    `Options of all of them:\n${columns(commonOptionHelp)}`,
    environment,
    codes,
    `At night:
  something is wrong               hugmedo cluster status, and curl <url>/readyz
  a process must go                hugmedo cluster drain <process>, then stop it
  one process has too much         hugmedo cluster rebalance --dry-run, then without --dry-run
  more: docs/operations.md`,
  ].join("\n\n")}`;
}

/** `hugmedo <group> <command> --help`. */
export function helpOn(command: Command): string {
  const options = [...command.optionHelp, ...commonOptionHelp];
  return [
    `hugmedo ${[command.group, command.name, command.takes, "[options]"].filter(Boolean).join(" ")}`,
    `${command.summary.charAt(0).toUpperCase()}${command.summary.slice(1)}.`,
    command.details,
    `Options:\n${columns(options)}`,
    `Examples:\n${command.examples.map((example) => `  ${example}`).join("\n")}`,
    environment,
    codes,
  ].join("\n\n");
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(31, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n");
}
