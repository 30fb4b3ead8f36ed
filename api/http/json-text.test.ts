import fc from "fast-check";
import { expect, test } from "vitest";
import { findJsonFault } from "./json-text.ts";

test("what a program writes is taken, however it is spaced", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, 2), (value, spaces) => {
      const text = JSON.stringify(value, null, spaces);
      expect(findJsonFault(text)).toBe(text.includes('"__proto__":') ? "prototype" : null);
    }),
  );
});

test("a name twice in one object is found, at any depth, however it is written", () => {
  fc.assert(
    fc.property(
      fc.string().filter((name) => name !== "__proto__"),
      fc.integer(),
      fc.nat(10),
      (name, value, depth) => {
        const inner = `{${JSON.stringify(name)} : ${JSON.stringify(value)}, "other\\u0000": {${JSON.stringify(name)}:1}`;
        const text = (end: string) => `${"[".repeat(depth)}${inner}${end}}${"]".repeat(depth)}`;
        expect(findJsonFault(text(""))).toBe(name === "other\u0000" ? "duplicate" : null);
        expect(findJsonFault(text(`,\n${JSON.stringify(name)}\t:null`))).toBe("duplicate");
      },
    ),
  );
  expect(findJsonFault('[{"\\u005f_proto__":1}]')).toBe("prototype");
  expect(findJsonFault('{"a":1,"\\u0061":2}')).toBe("duplicate");
  expect(findJsonFault('{"a":"a","b":["a","a"],"c":{"a":"\\"a\\":"}}')).toBeNull();
});

test("nesting ends somewhere", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect([64, 65, 10_000].map((depth) => findJsonFault(nested(depth)))).toEqual([null, "deep", "deep"]);
});
