import { describe, expect, it } from "vitest";
import { boardOf, dutyOf, entryAt } from "../testing/board-fixture.ts";
import { actionFor, currentVisit, holderOf, nextStep } from "./next-step.ts";

const by = (person: string) => ({ person, name: person, at: 0 });

describe("the next step", () => {
  it("is to call the first who waits, is ready and is present", () => {
    const entries = [
      entryAt(1, { status: "called", by: by("ann") }),
      entryAt(2, { ready: false }),
      entryAt(3, { online: false }),
      entryAt(4, { status: "held", by: by("me") }),
      entryAt(5),
      entryAt(6),
    ];
    expect(nextStep(boardOf(entries))).toMatchObject({ kind: "call", entry: { place: 5 } });
  });

  it("is to finish what was begun first", () => {
    const called = entryAt(2, { status: "called", by: by("me") });
    const confirmed = entryAt(3, { status: "confirmed", by: by("me") });
    const leaving = entryAt(4, { status: "leaving", by: by("me") });
    expect(nextStep(boardOf([entryAt(1), called, confirmed, leaving]))).toEqual({
      kind: "admit",
      entry: confirmed,
    });
    expect(nextStep(boardOf([entryAt(1), called, leaving]))).toEqual({ kind: "answer", entry: called });
    expect(nextStep(boardOf([entryAt(1), leaving]))).toEqual({ kind: "opening", entry: leaving });
  });

  it("says why nobody can be called", () => {
    expect(nextStep(boardOf([]))).toEqual({ kind: "nobody", why: "empty" });
    expect(nextStep(boardOf([entryAt(1, { ready: false })]))).toEqual({ kind: "nobody", why: "notReady" });
    expect(nextStep(boardOf([entryAt(1, { status: "held", by: by("ann") })]))).toEqual({
      kind: "nobody",
      why: "inHand",
    });
    expect(nextStep(boardOf([entryAt(1, { status: "leaving", by: by("ann") })]))).toEqual({
      kind: "nobody",
      why: "empty",
    });
  });
});

describe("an entry", () => {
  const board = boardOf([], { duty: [dutyOf("me"), dutyOf("ann"), dutyOf("desk", { clinician: false })] });

  it("that was called is the caller's; one that the front desk called is anyone's", () => {
    const called = (person: string) => entryAt(1, { status: "called", by: by(person) });
    expect(holderOf(called("me"), board)).toBe("me");
    expect(holderOf(called("ann"), board)).toBe("colleague");
    expect(holderOf(called("desk"), board)).toBe("anyone");
    expect(holderOf(entryAt(1, { status: "held", by: by("ann") }), board)).toBeNull();
  });

  it("has one next action at most", () => {
    expect(actionFor(entryAt(1), board)).toBe("call");
    expect(actionFor(entryAt(1, { status: "called", by: by("me") }), board)).toBe("admit");
    expect(actionFor(entryAt(1, { status: "confirmed", by: by("desk") }), board)).toBe("admit");
    expect(actionFor(entryAt(1, { status: "confirmed", by: by("ann") }), board)).toBeNull();
    expect(actionFor(entryAt(1, { status: "held", by: by("ann") }), board)).toBe("resume");
    expect(actionFor(entryAt(1, { status: "away" }), board)).toBeNull();
    expect(actionFor(entryAt(1, { status: "leaving", by: by("me") }), board)).toBeNull();
  });
});

describe("the visit I am in", () => {
  const inVisit = [dutyOf("me", { status: "in_visit", visit: "v1" })];
  const gone = (to: string) => ({
    entry: "e",
    patient: "p",
    name: "Daniel",
    how: "admitted",
    at: 0,
    byName: "me",
    to,
  });

  it("is known by my duty, and its patient by who left for it", () => {
    expect(currentVisit(boardOf([]))).toBeNull();
    expect(currentVisit(boardOf([], { duty: inVisit }))).toEqual({ id: "v1", name: null });
    expect(currentVisit(boardOf([], { duty: inVisit, departed: [gone("v2"), gone("v1")] }))).toEqual({
      id: "v1",
      name: "Daniel",
    });
  });
});
