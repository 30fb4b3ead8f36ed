import { describe, expect, it } from "vitest";
import { secondsLeft, skewOf } from "./answer-time.ts";

const called = { entry: "e1", by: "Dr. Sato", at: 1_000_000, answerBy: 1_120_000 };

describe("the time left to answer", () => {
  it("is the whole time at first, whatever this device's clock says", () => {
    for (const off of [-3_600_000, 0, 3_600_000]) {
      const now = called.at + off;
      const skew = skewOf(called, now, true);
      expect(secondsLeft(called, now, skew)).toBe(120);
      expect(secondsLeft(called, now + 90_500, skew)).toBe(30);
      expect(secondsLeft(called, now + 200_000, skew)).toBe(0);
    }
  });

  it("goes on after the page was opened anew", () => {
    const now = called.at + 60_000;
    expect(secondsLeft(called, now, skewOf(called, now, false))).toBe(60);
    const behind = called.at - 500_000;
    expect(secondsLeft(called, behind, skewOf(called, behind, false))).toBe(120);
  });
});
