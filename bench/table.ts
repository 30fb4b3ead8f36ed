import type { Spread } from "./statistics.ts";

/** Median, least and greatest as cells of a table. */
export function spreadCells(value: Spread | null, digits: number): readonly string[] {
  return value
    ? [value.median, value.min, value.max].map((v) => v.toFixed(digits))
    : ["not measured", "", ""];
}

/** Rows under a head, the first column to the left and the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ");
  return [line(head), ...rows.map(line)].map((text) => text.trimEnd()).join("\n");
}
