import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hoursFault, isOpenAt, nextChange, type OpeningHours } from "./opening-hours.ts";

const hour = 3_600_000;
const everyDay = [0, 1, 2, 3, 4, 5, 6];
const zones = [
  "Asia/Tokyo",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "UTC",
];

function daily(timeZone: string, from: string, to: string, days = everyDay): OpeningHours {
  return { timeZone, weekly: days.map((day) => ({ day, from, to })) };
}

function at(iso: string): number {
  return Date.parse(iso);
}

/** The changes that follow `from`, as ISO times. */
function changes(hours: OpeningHours, from: string, count: number): (string | null)[] {
  const found: (string | null)[] = [];
  for (let now: number | null = at(from); now !== null && found.length < count; ) {
    now = nextChange(hours, now);
    found.push(now === null ? null : new Date(now).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

describe("opening hours", () => {
  it("are those of the clinic's clock", () => {
    const tokyo = daily("Asia/Tokyo", "09:00", "17:30", [1, 2, 3, 4, 5]);
    expect(isOpenAt(tokyo, at("2026-03-02T08:59:59.999+09:00"))).toBe(false);
    expect(isOpenAt(tokyo, at("2026-03-02T09:00:00+09:00"))).toBe(true);
    expect(isOpenAt(tokyo, at("2026-03-02T17:29:59.999+09:00"))).toBe(true);
    expect(isOpenAt(tokyo, at("2026-03-02T17:30:00+09:00"))).toBe(false);
    // Saturday; then Monday in Tokyo, while it is Sunday in UTC.
    expect(isOpenAt(tokyo, at("2026-03-07T10:00:00+09:00"))).toBe(false);
    expect(isOpenAt(daily("Asia/Tokyo", "00:00", "09:00", [1]), at("2026-03-01T16:00:00Z"))).toBe(true);
  });

  it("change next over days that are closed", () => {
    const tokyo = daily("Asia/Tokyo", "09:00", "17:30", [1, 2, 3, 4, 5]);
    expect(changes(tokyo, "2026-03-06T12:00:00+09:00", 3)).toEqual([
      "2026-03-06T08:30Z",
      "2026-03-09T00:00Z",
      "2026-03-09T08:30Z",
    ]);
  });

  it("keep their time of day when Berlin's clocks change", () => {
    const berlin = daily("Europe/Berlin", "08:00", "16:00");
    expect(changes(berlin, "2026-03-28T12:00:00Z", 3)).toEqual([
      "2026-03-28T15:00Z",
      "2026-03-29T06:00Z",
      "2026-03-29T14:00Z",
    ]);
    expect(changes(berlin, "2026-10-24T12:00:00Z", 3)).toEqual([
      "2026-10-24T14:00Z",
      "2026-10-25T07:00Z",
      "2026-10-25T15:00Z",
    ]);
  });

  it("keep their time of day when New York's clocks change", () => {
    const newYork = daily("America/New_York", "09:00", "17:00");
    expect(changes(newYork, "2026-03-08T00:00:00Z", 2)).toEqual(["2026-03-08T13:00Z", "2026-03-08T21:00Z"]);
    expect(changes(newYork, "2026-11-01T00:00:00Z", 2)).toEqual(["2026-11-01T14:00Z", "2026-11-01T22:00Z"]);
  });

  it("take effect at the change of clocks where they are skipped, and twice where they are repeated", () => {
    const night = daily("Europe/Berlin", "02:30", "05:00");
    expect(changes(night, "2026-03-28T12:00:00Z", 2)).toEqual(["2026-03-29T01:00Z", "2026-03-29T03:00Z"]);
    expect(changes(night, "2026-10-24T12:00:00Z", 4)).toEqual([
      "2026-10-25T00:30Z",
      "2026-10-25T01:00Z",
      "2026-10-25T01:30Z",
      "2026-10-25T04:00Z",
    ]);
    const skipped = daily("Europe/Berlin", "02:15", "02:45", [0]);
    expect(changes(skipped, "2026-03-22T12:00:00Z", 1)).toEqual(["2026-04-05T00:15Z"]);
  });

  it("around the clock, or none, never change; adjoining intervals are one", () => {
    for (const zone of zones) {
      expect(nextChange(daily(zone, "00:00", "24:00"), at("2026-03-27T12:00:00Z"))).toBeNull();
      expect(isOpenAt(daily(zone, "00:00", "24:00"), at("2026-03-29T01:30:00Z"))).toBe(true);
      expect(nextChange({ timeZone: zone, weekly: [] }, at("2026-03-27T12:00:00Z"))).toBeNull();
    }
    const weekly = [
      { day: 6, from: "20:00", to: "24:00" },
      { day: 0, from: "00:00", to: "02:00" },
      { day: 0, from: "02:00", to: "04:00" },
    ];
    expect(changes({ timeZone: "Asia/Tokyo", weekly }, "2026-03-07T19:00:00+09:00", 2)).toEqual([
      "2026-03-07T11:00Z",
      "2026-03-07T19:00Z",
    ]);
  });

  it("with a fault say how to correct it", () => {
    const fault = (from: string, to: string, day = 1) =>
      hoursFault({ timeZone: "Asia/Tokyo", weekly: [{ day, from, to }] });
    expect(hoursFault(daily("Europe/Berlin", "00:00", "24:00"))).toBeNull();
    expect(hoursFault(daily("Mars/Olympus", "09:00", "17:00"))).toContain(
      '"Mars/Olympus" is not a known time',
    );
    expect(hoursFault(daily("", "09:00", "17:00"))).toContain("not a known time zone");
    for (const time of ["9:00", "24:01", "12:60", "noon", "", "09:00 "]) {
      expect(fault(time, "23:00")).toContain(`"${time}" is not a time`);
    }
    for (const day of [7, -1, 1.5]) expect(fault("09:00", "17:00", day)).toContain("not a day of the week");
    expect(fault("22:00", "06:00")).toContain("Monday 22:00–06:00 does not end after it begins");
    expect(fault("09:00", "09:00")).toContain("does not end after it begins");
    const weekly = [
      { day: 2, from: "11:59", to: "13:00" },
      { day: 1, from: "09:00", to: "12:00" },
      { day: 2, from: "09:00", to: "12:00" },
    ];
    expect(hoursFault({ timeZone: "UTC", weekly })).toContain(
      "Tuesday 09:00–12:00 and Tuesday 11:59–13:00 overlap",
    );
  });
});

const quarter = fc.nat({ max: 96 });
const anyHours: fc.Arbitrary<OpeningHours> = fc
  .record({
    timeZone: fc.constantFrom(...zones),
    weekly: fc.array(fc.tuple(fc.nat({ max: 6 }), quarter, quarter), { maxLength: 6 }),
  })
  .map(({ timeZone, weekly }) => ({
    timeZone,
    weekly: weekly.map(([day, a, b]) => ({ day, from: clock(Math.min(a, b)), to: clock(Math.max(a, b)) })),
  }))
  .filter((hours) => hoursFault(hours) === null);

function clock(quarters: number): string {
  return `${String(quarters >> 2).padStart(2, "0")}:${String((quarters % 4) * 15).padStart(2, "0")}`;
}

/** Any moment of 2026, as a rule within two days of a change of the clocks somewhere. */
const moment = fc.oneof(
  fc.integer({ min: at("2026-01-01"), max: at("2026-12-31") }),
  fc
    .tuple(
      fc.constantFrom("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01"),
      fc.integer({ min: -48 * hour, max: 48 * hour }),
    )
    .map(([date, shift]) => at(date) + shift),
);

/** What a clock on the wall shows, read by other means. */
function clockOpen(hours: OpeningHours, now: number): boolean {
  const shown = new Intl.DateTimeFormat("en-GB", {
    timeZone: hours.timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(now);
  const [name = "", time = ""] = shown.split(" ");
  const today = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(name);
  return hours.weekly.some(({ day, from, to }) => day === today && from <= time && time < to);
}

describe("any opening hours", () => {
  it("are open by the clock on the wall", () => {
    fc.assert(
      fc.property(anyHours, moment, (hours, now) => {
        expect(isOpenAt(hours, now)).toBe(clockOpen(hours, now));
      }),
    );
  });

  it("change at the next change, and not before it", () => {
    fc.assert(
      fc.property(anyHours, moment, (hours, now) => {
        const open = isOpenAt(hours, now);
        const next = nextChange(hours, now);
        const end = next ?? now + 21 * 24 * hour;
        for (let t = now; t < end; t += hour / 4) expect(isOpenAt(hours, t)).toBe(open);
        if (next === null) return;
        expect(next).toBeGreaterThan(now);
        expect(isOpenAt(hours, next - 1)).toBe(open);
        expect(isOpenAt(hours, next)).toBe(!open);
      }),
    );
  });
});
