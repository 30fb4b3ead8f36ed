import { describe, expect, it } from "vitest";
import { dayAt } from "./day.ts";

const at = (text: string) => new Date(text).getTime();

describe("a day of the calendar", () => {
  it("is from midnight to midnight", () => {
    const day = { from: at("2026-03-30T00:00:00"), to: at("2026-03-31T00:00:00") };
    expect(dayAt(at("2026-03-30T00:00:00"))).toEqual(day);
    expect(dayAt(at("2026-03-30T23:59:59"))).toEqual(day);
  });

  it("is followed by the next one, also where a month ends or the clock changes", () => {
    for (const start of ["2026-03-28", "2026-10-24", "2026-12-31", "2028-02-28"]) {
      const day = dayAt(at(`${start}T15:00:00`));
      expect(dayAt(at(`${start}T15:00:00`), 1).from).toBe(day.to);
      expect(dayAt(day.from, -1).to).toBe(day.from);
    }
  });
});
