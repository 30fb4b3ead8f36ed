import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorMessages } from "../../core/domain/errors.ts";
import { fromRejection, parseRefusal, parseRejection, toHugMeDoError } from "./errors.ts";

describe("the reason of a refused join", () => {
  test("is read with and without words", () => {
    expect(parseRefusal("room_not_found: Ask: to be\nadded.")).toEqual({
      code: "room_not_found",
      message: "Ask: to be\nadded.",
    });
    expect(parseRefusal("busy")).toEqual({ code: "busy", message: errorMessages.busy });
    expect(parseRefusal('{"code":"busy","message":"later","retryAfterMs":5}')).toEqual({
      code: "busy",
      message: "later",
      retryAfterMs: 5,
    });
  });

  test("is none of ours where it names no code of ours", () => {
    for (const text of ["", "seat reservation expired.", "toString: x", "no_such_code: x", "{", '{"code":1}'])
      expect(parseRefusal(text)).toBeNull();
  });
});

describe("who was first", () => {
  const first = { person: "other", name: "Dr. Other", at: 42 };

  test("comes with the error, and goes on with it", () => {
    const said = parseRejection({ code: "entry_taken", message: "A colleague.", first });
    expect(said).toEqual({ code: "entry_taken", message: "A colleague.", first });
    const error = said && fromRejection(said);
    expect(error).toMatchObject({ code: "entry_taken", first });
    expect(error?.toRejection()).toEqual(said);
  });

  test("is left out where it is not all there", () => {
    for (const wrong of [
      null,
      "other",
      {},
      { person: "other" },
      { ...first, at: "42" },
      { ...first, name: 1 },
    ])
      expect(parseRejection({ code: "entry_gone", first: wrong })).not.toHaveProperty("first");
  });
});

test("anything may come over the wire as a rejection", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const said = parseRejection(value);
      if (said) expect(Object.keys(errorMessages)).toContain(said.code);
    }),
  );
});

test("what was thrown elsewhere is internal, and keeps its cause", () => {
  const cause = new TypeError("x is not a function");
  expect(toHugMeDoError(cause)).toMatchObject({ code: "internal", cause });
});
