import { checkCommands } from "./check-commands.ts";
import { checkConnections } from "./check-connections.ts";
import { checkJournal } from "./check-journal.ts";
import { checkOrders } from "./check-orders.ts";
import { checkPlaces, checkWhereabouts } from "./check-places.ts";
import { checkReceipts } from "./check-receipts.ts";
import { checkViews } from "./check-views.ts";
import type { Line } from "./history.ts";
import { arrange } from "./room-history.ts";
import { type Violation, type ViolationType, violationTypes } from "./violation.ts";

/**
 * Compares what clients did and saw with what is stored in the end. It knows nothing of how the product
 * works: it shares no code with it, so that a fault cannot hide in both. (Only what a queue's events make of
 * it, the domain itself says.)
 *
 * `lines` hold the recording and the store, in any mixture; lines of one client in their order.
 */
export function check(lines: readonly Line[]): Violation[] {
  const rooms = arrange(lines);
  const each = rooms.flatMap((room) => [
    ...checkCommands(room),
    ...checkOrders(room),
    ...checkViews(room),
    ...checkReceipts(room),
    ...checkJournal(room),
    ...checkPlaces(room),
    ...checkConnections(room),
  ]);
  const steps = lines.filter((line) => line.op === "step");
  return [...each, ...checkWhereabouts(rooms, steps)];
}

export type Verdict = Record<ViolationType, number> & { readonly acked: number; readonly ok: boolean };

/** Counts, as the crash tests and the chaos run print them. */
export function verdict(lines: readonly Line[], violations: readonly Violation[]): Verdict {
  const acked = new Set(
    lines.flatMap((line) => (line.op === "ack" ? `${line.room} ${line.person} ${line.id}` : [])),
  ).size;
  const counts = { lost: 0, duplicated: 0, invented: 0, reordered: 0, gap: 0 };
  const more = {
    receiptsRegressed: 0,
    seenBeforeCommit: 0,
    splitBrain: 0,
    placeLost: 0,
    abnormalClose: 0,
  };
  const verdict: Verdict = { acked, ...counts, ...more, ok: violations.length === 0 };
  for (const { type } of violations) verdict[type] += 1;
  return verdict;
}

/** For people: one violation of each type, the one with the shortest story. */
export function report(violations: readonly Violation[]): string {
  const told = violationTypes.flatMap((type) => {
    const [shortest] = violations.filter((one) => one.type === type).sort((a, b) => length(a) - length(b));
    if (!shortest) return [];
    const count = violations.filter((one) => one.type === type).length;
    const head = `${type} × ${count}, in ${shortest.room}: ${shortest.what}`;
    return [head, ...shortest.story.map((line) => `  ${line}`)].join("\n");
  });
  return told.length === 0 ? "nothing is wrong" : told.join("\n");
}

function length({ story }: Violation): number {
  return story.join("").length;
}
