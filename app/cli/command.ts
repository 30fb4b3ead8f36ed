import type { parseArgs } from "node:util";
import type { Rest } from "./rest.ts";
import type { Terminal } from "./terminal.ts";

export type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

/** What was written behind the command's name. */
export interface Given {
  readonly arguments: readonly string[];
  /** An option that was given; a flag is `true`. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly json: boolean;
}

/** What a command works with. */
export interface Tools {
  readonly rest: Rest;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Between two looks at the server (ms). */
  readonly lookEveryMs: number;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** How a command ended well, for people and as JSON. null: it has said all there is. */
export interface Report {
  readonly text: string;
  readonly json: object;
}

export interface Command {
  /** What it is about: `hugmedo <group> <name>`. */
  readonly group: "cluster" | "search";
  readonly name: string;
  /** What stands behind the name: `<process>`. */
  readonly takes: string;
  /** How many arguments it must and may have. */
  readonly arguments: readonly [least: number, most: number];
  readonly summary: string;
  /** More than the summary, for its own help. */
  readonly details: string;
  readonly options: Options;
  /** Each option as the help has it: how it is written, and what it does. */
  readonly optionHelp: readonly (readonly [string, string])[];
  readonly examples: readonly string[];
  /** Throws Failures. */
  run(given: Given, tools: Tools): Promise<Report | null>;
}
