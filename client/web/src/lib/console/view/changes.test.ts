import { describe, expect, it } from "vitest";
import { boardOf, dutyOf, entryAt } from "../testing/board-fixture.ts";
import { arrivals, changesFor, teamOf } from "./changes.ts";

const by = (person: string) => ({ person, name: person, at: 0 });
const called = entryAt(1, { status: "called", by: by("me") });

describe("what happened to my patients", () => {
  it("is told once, and to nobody else", () => {
    const confirmed = { ...called, status: "confirmed" as const };
    expect(changesFor("me", [called], [confirmed])).toEqual([{ kind: "answered", entry: confirmed }]);
    expect(changesFor("me", [confirmed], [confirmed])).toEqual([]);
    expect(changesFor("ann", [called], [confirmed])).toEqual([]);
  });

  it("tells a call that nobody answered from one that was taken back", () => {
    const unanswered = entryAt(1, { missed: 1 });
    expect(changesFor("me", [called], [unanswered])).toEqual([{ kind: "unanswered", entry: unanswered }]);
    expect(changesFor("me", [called], [entryAt(1)])).toEqual([]);
    expect(changesFor("me", [called], [])).toEqual([]);
  });

  it("tells what came back", () => {
    const leaving = entryAt(1, { status: "leaving", by: by("me") });
    const returned = entryAt(1, { returned: "queue_closed" });
    expect(changesFor("me", [leaving], [returned])).toEqual([{ kind: "returned", entry: returned }]);
  });
});

describe("people", () => {
  it("who are new are those not known before", () => {
    expect(arrivals(new Set(["entry-1"]), [entryAt(2), entryAt(1)])).toEqual([entryAt(2)]);
  });

  it("on duty stand in the order in which they are free", () => {
    const duty = [
      dutyOf("away", { status: "away" }),
      dutyOf("late", { since: 9 }),
      dutyOf("busy", { status: "in_visit" }),
      dutyOf("early", { since: 3 }),
    ];
    expect(teamOf(boardOf([], { duty })).map(({ person }) => person)).toEqual([
      "early",
      "late",
      "busy",
      "away",
    ]);
  });
});
