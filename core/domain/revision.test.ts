import fc from "fast-check";
import { expect, test } from "vitest";
import { revisionFault, revisionOf } from "./revision.ts";

const values = fc.dictionary(fc.string(), fc.jsonValue());

test("the order of fields makes no other revision, and a stored value has the one that it had", () => {
  fc.assert(
    fc.property(values, (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(revisionOf(turned)).toBe(revisionOf(value));
      expect(revisionOf(JSON.parse(JSON.stringify(value)))).toBe(revisionOf(value));
    }),
  );
});

test("another value has another one", () => {
  fc.assert(
    fc.property(values, values, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      const same = revisionOf(one) === revisionOf(other);
      if (same) expect(one).toEqual(other);
    }),
  );
  const many = new Set(Array.from({ length: 10_000 }, (_, n) => revisionOf({ minutes: n })));
  expect(many.size).toBe(10_000);
});

test("a change is refused when none of the revisions it is meant for is there", () => {
  const now = revisionOf({ minutes: 15 });
  expect(revisionFault(null, { minutes: 15 })).toBeNull();
  expect(revisionFault([now, "other"], { minutes: 15 })).toBeNull();
  expect(revisionFault(["other"], { minutes: 15 })?.code).toBe("precondition_failed");
  expect(revisionFault([], { minutes: 15 })?.code).toBe("precondition_failed");
});
