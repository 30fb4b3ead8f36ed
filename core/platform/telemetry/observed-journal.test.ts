import { expect, it } from "vitest";
import { samplesOf } from "../../../test/support/exposition.ts";
import type { RoomKindName } from "../../domain/room.ts";
import type { JournalStore, PartOutcome, RoomPart } from "../journal/journal-store.ts";
import { createMetrics } from "./metrics.ts";
import { observedJournal } from "./observed-journal.ts";

function part(kind: RoomKindName, events: number): RoomPart {
  const entry = { type: "t", version: 1, actor: "a", amends: null, at: 0, payload: new Uint8Array() };
  return {
    ref: { kind, id: "secret-room" },
    org: "secret-org",
    epoch: 1,
    firstSeq: 1,
    entries: Array.from({ length: events }, (_, i) => ({ ...entry, seq: i + 1 })),
    commands: [],
    members: [],
    cursors: [],
    listing: null,
  };
}

function observed(append: () => Promise<PartOutcome[]>) {
  const metrics = createMetrics();
  const store: JournalStore = { append, read: async () => [], findCommands: async () => [] };
  const journal = observedJournal(store, metrics);
  const read = (series: string) => samplesOf(metrics.text()).get(`hugmedo_${series}`);
  return { journal, metrics, read };
}

it("appends are counted by kind and outcome; only what was appended is an event", async () => {
  const { journal, read, metrics } = observed(async () => ["appended", "stale", "repeated", "appended"]);
  const parts = [part("chat", 3), part("chat", 5), part("waiting", 7), part("waiting", 2)];
  expect(await journal.append(parts)).toEqual(["appended", "stale", "repeated", "appended"]);
  expect(read('appends_total{kind="chat",outcome="appended"}')).toBe(1);
  expect(read('appends_total{kind="chat",outcome="fenced"}')).toBe(1);
  expect(read('appends_total{kind="waiting",outcome="repeated"}')).toBe(1);
  expect(read('events_total{kind="chat"}')).toBe(3);
  expect(read('events_total{kind="waiting"}')).toBe(2);
  expect(read("append_batch_rooms_count")).toBe(1);
  expect(read("append_batch_rooms_sum")).toBe(4);
  expect(read('append_seconds_count{outcome="answered"}')).toBe(1);
  expect(metrics.text()).not.toContain("secret");
});

it("a statement without an answer is a failed one, and its appends are unknown; the error goes on", async () => {
  const lost = new Error("connection terminated");
  const { journal, read } = observed(() => Promise.reject(lost));
  await expect(journal.append([part("chat", 1)])).rejects.toBe(lost);
  expect(read('append_seconds_count{outcome="failed"}')).toBe(1);
  expect(read('append_seconds_count{outcome="answered"}')).toBe(0);
  expect(read('appends_total{kind="chat",outcome="unknown"}')).toBe(1);
  expect(read('events_total{kind="chat"}')).toBe(0);
});
