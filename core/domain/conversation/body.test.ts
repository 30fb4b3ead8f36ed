import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyFault, bodyLimit } from "./body.ts";

describe("a message body", () => {
  it("may be any text that can be stored, HTML too", () => {
    for (const body of ["こんにちは", "<b>bold</b><script>alert(1)</script>", "a\n\tb", "👩‍⚕️"]) {
      expect(bodyFault(body)).toBeNull();
    }
  });

  it("may not be empty", () => {
    for (const body of ["", "   ", "\n\t", "\u3000"]) expect(bodyFault(body)?.code).toBe("body_empty");
  });

  it("is bounded in bytes, not in characters", () => {
    expect(bodyFault("a".repeat(bodyLimit))).toBeNull();
    expect(bodyFault("a".repeat(bodyLimit + 1))?.code).toBe("body_too_long");
    expect(bodyFault("あ".repeat(21_845))).toBeNull();
    expect(bodyFault("あ".repeat(21_846))?.code).toBe("body_too_long");
    expect(bodyFault(`e${"\u0301".repeat(100_000)}`)?.code).toBe("body_too_long");
  });

  it("may not hold lone surrogates or control characters", () => {
    for (const body of ["\ud800", "a\udc00b", "nul\u0000", "bell\u0007", "\u009b", "cr\r", "\uffff"]) {
      expect(bodyFault(body)?.code).toBe("body_malformed");
    }
  });

  it("counts bytes as UTF-8 does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const long = text.repeat(Math.ceil(bodyLimit / Buffer.byteLength(text)));
        const fits = Buffer.byteLength(long) <= bodyLimit;
        expect(bodyFault(`.${long}`.slice(1))?.code === "body_too_long").toBe(!fits && long.trim() !== "");
      }),
      { numRuns: 30 },
    );
  });
});
