import { describe, expect, it } from "vitest";
import { bucketOf, dayOf, initialsOf, shortWhen } from "./format.ts";

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
