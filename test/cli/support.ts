import { stripVTControlCharacters } from "node:util";
import { runCli } from "../../app/cli/run.ts";
import type { CliSettings } from "../../app/cli/settings.ts";
import type { Output } from "../../app/cli/terminal.ts";

export interface Ran {
  readonly exitCode: number;
  /** What was written, as it was written. */
  readonly out: string;
  readonly err: string;
  /** The last line of standard output, parsed. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Circumstances {
  readonly url: string;
  readonly credentials: CliSettings["credentials"];
  /** A person looks at both outputs; with or without colours. */
  readonly tty?: "colours" | "plain";
  readonly columns?: number;
  readonly signal?: AbortSignal;
  readonly answerWithinMs?: number;
  readonly now?: () => number;
  /** After each thing that is written to standard output. */
  readonly wrote?: (all: string) => void;
}

/** `hugmedo <line>` in this process, with looks that follow each other at once. */
export async function hugmedo(line: string, circumstances: Circumstances): Promise<Ran> {
  const { url, credentials, tty, columns = 140 } = circumstances;
  const written = { out: "", err: "" };
  const output = (to: "out" | "err"): Output => ({
    write: (text) => {
      written[to] += text;
      if (to === "out") circumstances.wrote?.(written.out);
    },
    ...(tty ? { isTTY: true, columns, hasColors: () => tty === "colours" } : {}),
  });
  const exitCode = await runCli(line.split(" ").filter(Boolean), {
    settings: { url, credentials },
    version: "1.2.3",
    stdout: output("out"),
    stderr: output("err"),
    signal: circumstances.signal ?? new AbortController().signal,
    lookEveryMs: 2,
    answerWithinMs: circumstances.answerWithinMs ?? 10_000,
    now: circumstances.now ?? Date.now,
  });
  return { exitCode, ...written, json: lastLine(written.out) };
}

function lastLine(text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
  } catch {
    return null;
  }
}

/** What a person sees of it: without colours and the like. */
export function plain(text: string): string {
  return stripVTControlCharacters(text);
}
