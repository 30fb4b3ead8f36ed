import { styleText } from "node:util";
import { expect, it } from "vitest";
import { bar, type Column, table } from "./table.ts";

it("columns are as wide as what is in them, whatever its colour", () => {
  const red = (text: string) => styleText("red", text, { validateStream: false });
  const columns: Column<{ name: string; count: number }>[] = [
    { title: "NAME", cell: ({ name }) => name },
    { title: "COUNT", right: true, cell: ({ count }) => (count > 9 ? red(`${count}`) : `${count}`) },
    { title: "", cell: () => "" },
  ];
  expect(
    table(columns, [
      { name: "a", count: 1 },
      { name: "bcdefg", count: 10 },
    ]),
  ).toBe(`NAME    COUNT\na           1\nbcdefg     ${red("10")}`);
});

it.each([
  [0, 10, "    "],
  [0.001, 10, "▏   "],
  [2.5, 10, "█   "],
  [5.3, 10, "██▏ "],
  [10, 10, "████"],
  [20, 10, "████"],
  [-1, 10, "    "],
  [0, 0, "    "],
])("%d of %d is |%s|", (part, whole, text) => {
  expect(bar(part, whole, 4)).toBe(text);
});

it("a bar without room is nothing", () => {
  expect(bar(5, 10, 0)).toBe("");
});
