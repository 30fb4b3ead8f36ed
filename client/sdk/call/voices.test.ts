import fc from "fast-check";
import { expect, test } from "vitest";
import { type Heard, hear, speakers } from "./voices.ts";

const silent: Heard = new Map();
const levels = (level: number) => new Map([["ann", level]]);

test("whoever is loud speaks, through the pauses between words and no longer", () => {
  const heard = hear(hear(silent, levels(0.3), 1_000), levels(0), 1_300);
  expect(speakers(heard, 1_300)).toEqual(["ann"]);
  expect(speakers(heard, 1_900)).toEqual(["ann"]);
  expect(speakers(heard, 1_901)).toEqual([]);
  expect(speakers(hear(silent, levels(0.001), 1_000), 1_000)).toEqual([]);
});

test("a voice never comes and goes within a breath", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }), (seen) => {
      let heard = silent;
      let last = Number.NEGATIVE_INFINITY;
      for (const [at, level] of seen.entries()) {
        const now = at * 300;
        heard = hear(heard, levels(level), now);
        if (level >= 0.02) last = now;
        expect(speakers(heard, now).length > 0).toBe(now - last <= 900);
      }
    }),
  );
});
