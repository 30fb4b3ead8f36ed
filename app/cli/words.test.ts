import { expect, it } from "vitest";
import { counted, duration } from "./words.ts";

it.each([
  [-5, "0.0 s"],
  [0, "0.0 s"],
  [449, "0.4 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [185_000, "3 min 5 s"],
  [3_599_500, "1 h"],
  [7_800_000, "2 h 10 min"],
  [86_400_000 + 59_000, "1 d"],
  [4 * 86_400_000 + 3_700_000, "4 d 1 h"],
])("%d ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it("counts one, none and many", () => {
  expect([0, 1, 2, 12_345].map((count) => counted(count, "room"))).toEqual([
    "0 rooms",
    "1 room",
    "2 rooms",
    "12,345 rooms",
  ]);
  expect(counted(2, "person", "people")).toBe("2 people");
});
