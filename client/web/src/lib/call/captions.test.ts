import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Caption } from "../../../../sdk/types.ts";
import { captionsShown, lastSaid, showCaptions, stripOf } from "./captions.ts";

const line = (person: string, text: string, final = true): Caption => ({ id: text, person, text, final });

describe("the strip of captions", () => {
  it("puts what one says in a row under one name, and leaves out what is empty", () => {
    const captions = [
      line("ann", "Hello."),
      line("ann", " "),
      line("ann", "It hurts."),
      line("doc", "Where?"),
    ];
    expect(stripOf(captions)).toEqual([
      { key: "Hello.", person: "ann", lines: ["Hello.", "It hurts."] },
      { key: "Where?", person: "doc", lines: ["Where?"] },
    ]);
  });

  it("loses no line and changes no order, and no name stands twice in a row", () => {
    const captions = fc.array(
      fc.record({
        id: fc.uuid(),
        person: fc.constantFrom("ann", "doc"),
        text: fc.string(),
        final: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(captions, (all) => {
        const strip = stripOf(all);
        const texts = all.map(({ text }) => text.trim()).filter((text) => text !== "");
        expect(strip.flatMap(({ lines }) => lines)).toEqual(texts);
        expect(strip.every(({ person }, at) => person !== strip[at - 1]?.person)).toBe(true);
      }),
    );
  });

  it("reads out the last line that is final", () => {
    expect(lastSaid([line("ann", "Hello."), line("doc", "Whe", false)])?.text).toBe("Hello.");
    expect(lastSaid([line("doc", "Whe", false)])).toBe(null);
  });

  it("is shown until it is put out on this device", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    expect([captionsShown(null), captionsShown(storage)]).toEqual([true, true]);
    showCaptions(storage, false);
    expect(captionsShown(storage)).toBe(false);
    showCaptions(storage, true);
    expect(captionsShown(storage)).toBe(true);
  });
});
