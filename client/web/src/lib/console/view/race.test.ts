import { describe, expect, it } from "vitest";
import { HugMeDoError } from "../../../../../sdk/errors.ts";
import { boardOf, entryAt } from "../testing/board-fixture.ts";
import { faultOf, raceOf } from "./race.ts";

const first = { person: "ann", name: "Dr. Ann", at: 1_000 };
const taken = faultOf(new HugMeDoError("entry_taken", undefined, { first }));
const by = { person: "ann", name: "Dr. Ann", at: 1_000 };

describe("a lost race", () => {
  it("names who, when and what, as far as the list tells", () => {
    const deed = (...entries: Parameters<typeof boardOf>) =>
      raceOf(taken, "entry-1", boardOf(...entries))?.deed;
    expect(raceOf(taken, "entry-1", boardOf([entryAt(1, { status: "called", by })]))).toEqual({
      deed: "called",
      mine: false,
      name: "Dr. Ann",
      at: 1_000,
    });
    expect(deed([entryAt(1, { status: "confirmed", by })])).toBe("called");
    expect(deed([entryAt(1, { status: "leaving", by })])).toBe("moving");
    expect(deed([entryAt(1, { status: "held", by })])).toBe("held");
    expect(deed([entryAt(1)])).toBe("took");
    expect(deed([])).toBe("took");
    const departed = [
      { entry: "entry-1", patient: "p", name: "P", how: "admitted", at: 1_000, byName: "Dr. Ann", to: "v1" },
    ];
    expect(deed([], { departed })).toBe("admitted");
  });

  it("against oneself is told as such", () => {
    const mine = faultOf(new HugMeDoError("entry_taken", undefined, { first: { ...first, person: "me" } }));
    expect(raceOf(mine, "entry-1", boardOf([]))?.mine).toBe(true);
  });

  it("is nothing else", () => {
    const fault = faultOf(new HugMeDoError("entry_away"));
    expect(fault).toEqual({ code: "entry_away", first: null });
    expect(raceOf(fault, "entry-1", boardOf([]))).toBeNull();
    expect(faultOf(new TypeError("x")).code).toBe("unavailable");
  });
});
