import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultOf, heardFrom, levelOf } from "./devices.ts";

describe("a camera or microphone that cannot be used", () => {
  it.each([
    ["NotAllowedError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "inUse"],
    ["SecurityError", "insecure"],
    ["TypeError", "failed"],
  ])("%s: %s", (name, fault) => {
    expect(faultOf(new DOMException("", name))).toBe(fault);
  });

  it("has a reason, whatever was thrown", () => {
    for (const thrown of [null, undefined, "NotAllowedError", 7]) expect(faultOf(thrown)).toBe("failed");
  });
});

describe("the meter", () => {
  it("is empty in silence, moves for a voice, and is full when it is loud", () => {
    expect(levelOf([])).toBe(0);
    expect(levelOf(new Float32Array(512))).toBe(0);
    expect(levelOf(new Float32Array(512).fill(0.02))).toBeGreaterThan(heardFrom);
    expect(levelOf(new Float32Array(512).fill(-0.9))).toBe(1);
  });

  it("stays between empty and full", () => {
    fc.assert(
      fc.property(fc.float32Array({ min: -1, max: 1, noNaN: true }), (samples) => {
        expect(levelOf(samples)).toBeGreaterThanOrEqual(0);
        expect(levelOf(samples)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
