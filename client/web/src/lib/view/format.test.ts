import { describe, expect, it } from "vitest";
import { bucketOf, dayOf, initialsOf, shortWhen, whenOf } from "./format.ts";

const words = { today: "Today", yesterday: "Yesterday" };
const at = (text: string) => new Date(text).getTime();
const now = at("2026-03-29T00:30:00");

describe("days", () => {
  it("count by the calendar, not by hours", () => {
    expect(dayOf(at("2026-03-29T23:59:00"), now, "en", words)).toBe("Today");
    expect(dayOf(at("2026-03-28T23:59:00"), now, "en", words)).toBe("Yesterday");
    expect(dayOf(at("2026-03-27T23:59:00"), now, "en", words)).toBe("Friday, March 27");
    expect(dayOf(at("2025-03-27T23:59:00"), now, "en", words)).toBe("Thursday, March 27, 2025");
    expect(dayOf(at("2026-03-27T23:59:00"), now, "ja", words)).toBe("3月27日金曜日");
  });

  it("are as short as they can be in a list", () => {
    expect(shortWhen(at("2026-03-29T00:05:00"), now, "en-GB", words)).toBe("0:05");
    expect(shortWhen(at("2026-03-28T12:00:00"), now, "en", words)).toBe("Yesterday");
    expect(shortWhen(at("2026-03-25T12:00:00"), now, "en", words)).toBe("Wednesday");
    expect(shortWhen(at("2026-03-22T12:00:00"), now, "en", words)).toBe("3/22/26");
  });
});

describe("a moment", () => {
  it("is said as one says it", () => {
    expect(whenOf(at("2026-03-29T17:05:00"), now, "en-GB")).toBe("17:05");
    expect(whenOf(at("2026-03-30T09:00:00"), now, "en-GB")).toBe("tomorrow 9:00");
    expect(whenOf(at("2026-03-28T09:00:00"), now, "ja")).toBe("昨日 9:00");
    expect(whenOf(at("2026-04-03T09:00:00"), now, "en-GB")).toBe("Friday 09:00");
    expect(whenOf(at("2026-04-05T09:00:00"), now, "ja")).toBe("4月5日 9:00");
    expect(whenOf(at("2026-03-20T09:00:00"), now, "ja")).toBe("3月20日 9:00");
  });
});

describe("avatars", () => {
  it("carry initials or the first character", () => {
    expect(initialsOf("Hana Suzuki")).toBe("HS");
    expect(initialsOf("Dr. Emma Lindqvist")).toBe("EL");
    expect(initialsOf("佐藤 花 (Hana Sato)")).toBe("佐");
    expect(initialsOf("Demo Clinic 相談室")).toBe("D");
    expect(initialsOf("👩 Nurse")).toBe("👩");
    expect(initialsOf("")).toBe("?");
  });

  it("keep their colour", () => {
    expect(bucketOf("patient", 6)).toBe(bucketOf("patient", 6));
    expect(bucketOf("clinician", 6)).toBeLessThan(6);
  });
});
