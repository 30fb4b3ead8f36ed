import { styleText } from "node:util";

/** The part of a stream of a process that is used here. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  hasColors?(): boolean;
}

export type Style = Parameters<typeof styleText>[0];

/** Results go to standard output; what is on the way there, and what went wrong, to standard error. */
export interface Terminal {
  readonly columns: number;
  /** Whether a person looks at standard output. */
  readonly live: boolean;
  print(text: string): void;
  note(text: string): void;
  /** Why it is not done. */
  complain(text: string): void;
  /** How far it is. People see one line that changes; a log gets a line now and then. */
  progress(text: string): void;
  /** Replaces all that is on the screen. */
  show(text: string): void;
  /** Colour where that is wanted; else the text as it is. */
  paint(style: Style, text: string): string;
  /** Leaves the screen as it was found. */
  close(): void;
}

/** How often a log gets a line of progress (ms). */
const loggedEvery = 5_000;
const clearLine = "\r\u001b[K";
const openScreen = "\u001b[?1049h\u001b[?25l";
const closeScreen = "\u001b[?25h\u001b[?1049l";

/** `quiet`: no progress, for machines. */
export function createTerminal(stdout: Output, stderr: Output, quiet: boolean): Terminal {
  const paintOn = (output: Output, style: Style, text: string): string =>
    output.isTTY && output.hasColors?.() ? styleText(style, text, { validateStream: false }) : text;
  let rewritten = false;
  let screen = false;
  let loggedAt = Number.NEGATIVE_INFINITY;
  const endLine = () => {
    if (rewritten) stderr.write(clearLine);
    rewritten = false;
  };
  const note = (text: string) => {
    endLine();
    stderr.write(`${text}\n`);
  };
  return {
    columns: (stdout.isTTY && stdout.columns) || 120,
    live: stdout.isTTY === true,
    print: (text) => {
      endLine();
      stdout.write(`${text}\n`);
    },
    note,
    complain: (text) => note(text.includes("\n") ? text : paintOn(stderr, "red", text)),
    progress: (text) => {
      if (quiet) return;
      if (stderr.isTTY) {
        stderr.write(clearLine + text.slice(0, (stderr.columns || 120) - 1));
        rewritten = true;
      } else if (performance.now() - loggedAt >= loggedEvery) {
        stderr.write(`${text}\n`);
        loggedAt = performance.now();
      }
    },
    show: (text) => {
      const lines = text.split("\n").map((line) => `${line}\u001b[K\n`);
      stdout.write(`${screen ? "" : openScreen}\u001b[H${lines.join("")}\u001b[J`);
      screen = true;
    },
    paint: (style, text) => paintOn(stdout, style, text),
    close: () => {
      endLine();
      if (screen) stdout.write(closeScreen);
      screen = false;
    },
  };
}
