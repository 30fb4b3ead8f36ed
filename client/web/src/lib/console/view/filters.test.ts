import { describe, expect, it } from "vitest";
import { entryAt } from "../testing/board-fixture.ts";
import { countsOf, filters, shownOf } from "./filters.ts";

const entries = [
  entryAt(1, { status: "called" }),
  entryAt(2, { ready: false }),
  entryAt(3, { online: false }),
  entryAt(4, { name: "佐藤 花", reason: "ＦＥＶＥＲ since Monday" }),
  entryAt(5, { status: "held", language: "fr", name: "José Álvarez" }),
  entryAt(6, { status: "away", online: false, needs: ["wheelchair"] }),
  entryAt(7, { status: "leaving", ready: false, online: false }),
  entryAt(8, { status: "confirmed" }),
];
const places = (list: readonly { readonly place: number }[]) => list.map(({ place }) => place);

describe("filters", () => {
  it("show what they say", () => {
    expect(places(shownOf(entries, "ready", ""))).toEqual([4]);
    expect(places(shownOf(entries, "called", ""))).toEqual([1, 7, 8]);
    expect(places(shownOf(entries, "held", ""))).toEqual([5]);
    expect(places(shownOf(entries, "incomplete", ""))).toEqual([2]);
    expect(places(shownOf(entries, "absent", ""))).toEqual([3, 6]);
  });

  it("show as many as they count, in order", () => {
    const counts = countsOf(entries);
    for (const filter of filters) expect(shownOf(entries, filter, "")).toHaveLength(counts[filter]);
    expect(shownOf(entries, "all", " ")).toBe(entries);
  });

  it("find names, reasons, languages and needs, however they are written", () => {
    expect(places(shownOf(entries, "all", "fever"))).toEqual([4]);
    expect(places(shownOf(entries, "all", "佐藤"))).toEqual([4]);
    expect(places(shownOf(entries, "all", "alvarez jose"))).toEqual([5]);
    expect(places(shownOf(entries, "all", "WHEEL"))).toEqual([6]);
    expect(places(shownOf(entries, "held", "wheel"))).toEqual([]);
  });
});
