import { percentile, spread } from "../statistics.ts";
import { table } from "../table.ts";
import type { Figures, Measured } from "./measure.ts";

/** What was measured as a person reads it. */
export function report({ figures, scans }: Measured): string {
  const rows = figures.map(({ kind, q, rooms, hits, recall, precision, p50, p95 }) => [
    `${kind}: ${q}`,
    String(rooms),
    String(hits),
    p50.toFixed(1),
    p95.toFixed(1),
    recall.toFixed(3),
    precision.toFixed(3),
  ]);
  return [
    table(["query", "rooms", "hits", "p50 ms", "p95 ms", "recall", "precision"], rows),
    table(
      ["reader of", "search p50 ms", "p95 ms", "plain look ms", "recall", "precision"],
      readersOf({ figures, scans }).map(({ rooms, p50, p95, scan, recall, precision }) => [
        `${rooms} rooms`,
        p50.toFixed(1),
        p95.toFixed(1),
        scan.toFixed(0),
        recall.toFixed(3),
        precision.toFixed(3),
      ]),
    ),
  ].join("\n\n");
}

/** All queries together, for each reader. */
export function readersOf({ figures, scans }: Measured) {
  return [...Map.groupBy(figures, ({ rooms }) => rooms)].map(([rooms, own]) => {
    const times = own.flatMap((one) => one.times).sort((a, b) => a - b);
    const worst = (of: (one: Figures) => number) => Math.min(...own.map(of));
    return {
      rooms,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      scan: spread(scans[rooms] ?? [])?.median ?? Number.NaN,
      recall: worst(({ recall }) => recall),
      precision: worst(({ precision }) => precision),
    };
  });
}
