import type { RoomKindName } from "../../domain/room.ts";
import type { JournalStore, PartOutcome, RoomPart } from "../journal/journal-store.ts";
import type { Metrics } from "./metrics.ts";

type JournalMetrics = Pick<Metrics, "append" | "batchRooms" | "appends" | "events">;

/** The same journal, with every append counted: a few additions a statement and a room in it, none an event. */
export function observedJournal(store: JournalStore, metrics: JournalMetrics): JournalStore {
  const answered = metrics.append.of({ outcome: "answered" });
  const failed = metrics.append.of({ outcome: "failed" });
  const kinds = {
    chat: countersOf("chat", metrics),
    waiting: countersOf("waiting", metrics),
    consultation: countersOf("consultation", metrics),
  };
  const count = ({ ref, entries }: RoomPart, outcome: PartOutcome | "unknown"): void => {
    const counters = kinds[ref.kind];
    counters[outcome].add();
    if (outcome === "appended") counters.events.add(entries.length);
  };
  return {
    ...store,
    append: async (parts) => {
      const start = performance.now();
      metrics.batchRooms.observe(parts.length);
      try {
        const outcomes = await store.append(parts);
        answered.observe((performance.now() - start) / 1e3);
        for (const [i, part] of parts.entries()) count(part, outcomes[i] ?? "stale");
        return outcomes;
      } catch (error) {
        failed.observe((performance.now() - start) / 1e3);
        for (const part of parts) count(part, "unknown");
        throw error;
      }
    },
  };
}

function countersOf(kind: RoomKindName, { appends, events }: JournalMetrics) {
  return {
    events: events.of({ kind }),
    appended: appends.of({ kind, outcome: "appended" }),
    repeated: appends.of({ kind, outcome: "repeated" }),
    stale: appends.of({ kind, outcome: "fenced" }),
    locked: appends.of({ kind, outcome: "locked" }),
    unknown: appends.of({ kind, outcome: "unknown" }),
  };
}
