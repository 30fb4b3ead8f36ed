import { describe, expect, it } from "vitest";
import { entryAt } from "../testing/board-fixture.ts";
import { marksOf, standingOf } from "./standing.ts";

describe("how an entry stands", () => {
  it("says of those who wait what keeps them from being called", () => {
    expect(standingOf(entryAt(1))).toBe("waiting");
    expect(standingOf(entryAt(1, { ready: false }))).toBe("incomplete");
    expect(standingOf(entryAt(1, { ready: false, online: false }))).toBe("lost");
    expect(standingOf(entryAt(1, { ready: false, online: false, status: "held" }))).toBe("held");
  });

  it("and its marks say nothing twice, and lose nothing", () => {
    expect(marksOf(entryAt(1), false)).toEqual([]);
    expect(marksOf(entryAt(1), true)).toEqual(["ready"]);
    const bad = { ready: false, online: false };
    expect(marksOf(entryAt(1, bad), true)).toEqual(["incomplete"]);
    expect(marksOf(entryAt(1, { ...bad, status: "called" }), true)).toEqual(["incomplete", "lost"]);
    expect(marksOf(entryAt(1, { online: false, status: "away" }), false)).toEqual([]);
    expect(
      marksOf(entryAt(1, { missed: 2, returned: "queue_closed", visit: "v", notice: "x" }), false),
    ).toEqual(["missed", "returned", "scheduled", "told"]);
  });
});
