import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changed, keep, keepEach } from "./keep.ts";

const plain = fc.jsonValue();

describe("what says the same", () => {
  test("stays the same object", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(keep(value, structuredClone(value))).toBe(value);
        expect(keep({ value }, { value: structuredClone(value) }).value).toBe(value);
      }),
    );
  });

  test("and what does not is the new one", () => {
    fc.assert(
      fc.property(plain, plain, (before, now) => {
        const kept = keep(before, now);
        expect(kept).toEqual(now);
      }),
    );
    expect(keep<object>([], {})).toEqual({});
    expect(keep<object>({ a: undefined }, { b: undefined })).toEqual({ b: undefined });
  });
});

test("a list keeps its items, and itself where all of them are kept", () => {
  const before = [{ a: 1 }, { a: 2 }];
  const after = keepEach(before, [{ a: 1 }, { a: 3 }]);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).toEqual({ a: 3 });
  expect(keepEach(before, [{ a: 1 }, { a: 2 }])).toBe(before);
  expect(keepEach(before, [{ a: 1 }])).toEqual([{ a: 1 }]);
});

test("a picture is a new one only where something is different", () => {
  const picture = { a: 1, b: 2 };
  expect(changed(picture, { a: 1 })).toBe(picture);
  expect(changed(picture, { a: 3 })).toEqual({ a: 3, b: 2 });
});
