import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesOf } from "../testing/board-fixture.ts";
import { dropBefore, followerOf, placeIn, stillBefore, withMove } from "./order.ts";

const five = entriesOf(5);
const ids = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id.slice(6)).join("");

describe("a move", () => {
  it("is shown before it is done", () => {
    expect(ids(withMove(five, { entry: "entry-4", before: "entry-2" }))).toBe("14235");
    expect(ids(withMove(five, { entry: "entry-1", before: "entry-4" }))).toBe("23145");
    expect(ids(withMove(five, { entry: "entry-2", before: null }))).toBe("13452");
  });

  it("that changes nothing leaves the very list", () => {
    for (const move of [
      null,
      { entry: "entry-2", before: "entry-3" },
      { entry: "entry-5", before: null },
      { entry: "entry-2", before: "entry-2" },
      { entry: "gone", before: "entry-2" },
      { entry: "entry-2", before: "gone" },
    ])
      expect(withMove(five, move)).toBe(five);
  });

  it("keeps everyone, and the order of all others", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.option(fc.nat(4)), (from, to) => {
        const entry = `entry-${from + 1}`;
        const moved = withMove(five, { entry, before: to === null ? null : `entry-${to + 1}` });
        const others = (list: typeof five) => list.filter(({ id }) => id !== entry);
        expect(others(moved)).toEqual(others(five));
        expect(moved).toHaveLength(5);
        if (to !== from) expect(followerOf(moved, entry)).toBe(to === null ? null : `entry-${to + 1}`);
      }),
    );
  });
});

describe("where something is dropped", () => {
  it("is before whoever stands there", () => {
    expect(dropBefore(five, five, "entry-4", 1)).toBe("entry-2");
    expect(dropBefore(five, five, "entry-2", 2)).toBe("entry-4");
    expect(dropBefore(five, five, "entry-2", -3)).toBe("entry-1");
    expect(dropBefore(five, five, "entry-2", 4)).toBeNull();
    expect(dropBefore(five, five, "entry-2", 99)).toBeNull();
  });

  it("stays among those that are shown", () => {
    const shown = five.filter(({ place }) => place % 2 === 0);
    expect(dropBefore(five, shown, "entry-4", 0)).toBe("entry-2");
    // Behind the last shown one, not behind all.
    expect(dropBefore(five, shown, "entry-2", 1)).toBe("entry-5");
    expect(dropBefore(five, shown.slice(0, 1), "entry-2", 3)).toBe("entry-3");
  });

  it("puts it at that very index of those shown", () => {
    const shownOf = (mask: readonly boolean[]) => five.filter((_, i) => mask[i]);
    const masks = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(masks, fc.nat(4), fc.nat(4), (mask, which, at) => {
        const shown = shownOf(mask);
        const entry = shown[which % Math.max(1, shown.length)]?.id;
        if (!entry) return;
        const index = at % shown.length;
        const moved = withMove(five, { entry, before: dropBefore(five, shown, entry, index) });
        expect(
          moved.filter(({ id }) => shown.some((one) => one.id === id)).findIndex(({ id }) => id === entry),
        ).toBe(index);
      }),
    );
  });
});

describe("a list that changes under a move", () => {
  it("leaves it before the same one, or the next who is still there", () => {
    const without = (...gone: readonly number[]) => five.filter(({ place }) => !gone.includes(place));
    expect(stillBefore(five, without(1), "entry-3")).toBe("entry-3");
    expect(stillBefore(five, without(3), "entry-3")).toBe("entry-4");
    expect(stillBefore(five, without(3, 4, 5), "entry-3")).toBeNull();
    expect(stillBefore(five, without(3), null)).toBeNull();
  });

  it("tells places from 1", () => {
    expect(placeIn(five, "entry-3")).toBe(3);
    expect(placeIn(five, "gone")).toBeNull();
  });
});
