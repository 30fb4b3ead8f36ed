import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bodyFault } from "../../../../../core/domain/conversation/body.ts";
import { tidy } from "./tidy.ts";

describe("tidy", () => {
  it("keeps what was written, and its lines", () => {
    expect(tidy("\n \n  two spaces\n\nこんにちは 👩‍⚕️\t<b>\n\n")).toBe("  two spaces\n\nこんにちは 👩‍⚕️\t<b>");
    expect(tidy("soft\u000bbreak\r\nnext\u0085line")).toBe("soft\nbreak\nnext\nline");
  });

  it("leaves nothing that could not be stored", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 0xffff }), (body, unit) => {
        const fault = bodyFault(tidy(`x${body}${String.fromCharCode(unit)}`));
        expect(fault).toBeNull();
      }),
    );
  });
});
