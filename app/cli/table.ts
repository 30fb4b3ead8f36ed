import { stripVTControlCharacters } from "node:util";

export interface Column<T> {
  readonly title: string;
  /** Numbers stand below each other at the right. */
  readonly right?: boolean;
  cell(row: T): string;
}

/** Rows under a head, in columns as wide as they must be. Cells may be coloured. */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => width(line[i] ?? ""))));
  return cells
    .map((line) =>
      columns
        .map((column, i) => pad(line[i] ?? "", widths[i] ?? 0, column.right))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function pad(text: string, to: number, right = false): string {
  const space = " ".repeat(Math.max(0, to - width(text)));
  return right ? space + text : text + space;
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A part of a whole as a bar of at most `length` characters. What is more than nothing can be seen. */
export function bar(part: number, whole: number, length: number): string {
  const share = whole > 0 ? Math.min(Math.max(part / whole, 0), 1) : 0;
  const filled = Math.round(share * length * 8);
  const steps = share > 0 && length > 0 ? Math.max(1, filled) : 0;
  return ("█".repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? "")).padEnd(length);
}
