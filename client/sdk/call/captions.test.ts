import fc from "fast-check";
import { expect, test } from "vitest";
import type { Caption } from "./call-link.ts";
import { heard } from "./captions.ts";

const line = (id: string, text: string, final = false): Caption => ({ id, person: "ann", text, final });

test("a line that grows stays where it is, and the last three are kept", () => {
  const first = heard(heard([], line("a", "Good")), line("b", "Yes"));
  expect(heard(first, line("a", "Good morning", true)).map(({ text }) => text)).toEqual([
    "Good morning",
    "Yes",
  ]);
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d", "e")), (ids) => {
      const kept = ids.reduce<readonly Caption[]>((before, id) => heard(before, line(id, id)), []);
      expect(new Set(kept.map(({ id }) => id)).size).toBe(kept.length);
      expect(kept.length).toBe(Math.min(3, new Set(ids).size));
      if (ids.length > 0) expect(kept.some(({ id }) => id === ids.at(-1))).toBe(true);
    }),
  );
});
