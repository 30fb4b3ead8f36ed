import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MaskKind, mask } from "./mask.ts";

const kinds: readonly MaskKind[] = ["name", "phone", "email", "address", "identifier", "contact"];
const graphemes = (text: string) =>
  [...new Intl.Segmenter("ja", { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom("山", "田", "か\u3099", "👩‍⚕️", "e\u0301", " ", "　", "•", "@", "-", "1", "２", "a"),
  }),
);
const seen: Readonly<Record<MaskKind, number>> = {
  name: 3,
  phone: 2,
  email: 1,
  address: 0,
  identifier: 2,
  contact: 2,
};

describe("a masked value", () => {
  it.each<[MaskKind, string, string]>([
    ["name", "山田 花子", "山•• 花••"],
    ["name", "山田花子", "山••"],
    ["name", "山田　花子", "山•• 花••"],
    ["name", "李 明", "••• •••"],
    ["name", "Taro Yamada", "T•• Y••"],
    ["name", "Maria de la Cruz Santos", "M•• d•• l••"],
    ["name", "É́milie", "É́••"],
    ["name", "👩‍⚕️さん", "👩‍⚕️••"],
    ["name", "  ", ""],
    ["phone", "090-1234-5678", "•••78"],
    ["phone", "０９０ー１２３４ー５６７８", "•••７８"],
    ["phone", "+81 90 1234 5678", "•••78"],
    ["phone", "119", "•••"],
    ["email", "hanako@example.org", "h••@•••"],
    ["email", "h@example.org", "•••@•••"],
    ["email", "not an address", "•••"],
    ["address", "東京都千代田区丸の内1-1", "•••"],
    ["identifier", "1234-5678-90", "•••90"],
    ["identifier", "山田花子 昭和60年4月1日", "•••"],
    ["identifier", "12345", "•••"],
    ["contact", "母 山田春子 090-1234-5678", "•••78"],
    ["contact", "母", "•••"],
    ["contact", "", ""],
  ])("%s %s is shown as %s", (kind, value, shown) => {
    expect(mask(kind, value)).toBe(shown);
  });

  it("is the same when it is masked again", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), anyText, (kind, value) => {
        const once = mask(kind, value);
        expect(mask(kind, once)).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it("shows no more than its rule, of whole letters, and nothing of how long it was", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), anyText, (kind, value) => {
        const shown = mask(kind, value);
        const left = graphemes(shown).filter((one) => one !== "•" && one !== " " && one !== "@");
        expect(left.length).toBeLessThanOrEqual(seen[kind]);
        const whole = new Set(graphemes(value.trim()));
        const digits = new Set(value.match(/\p{Nd}/gu) ?? []);
        for (const one of left) expect(whole.has(one) || digits.has(one)).toBe(true);
        expect(graphemes(shown).length).toBeLessThanOrEqual(11);
        // Where something is hidden, something was there; and all of it never shows.
        expect(shown === "").toBe(value.trim() === "");
        if (left.length > 0) expect(left.length).toBeLessThan(graphemes(value.trim()).length);
      }),
      { numRuns: 2_000 },
    );
  });
});
