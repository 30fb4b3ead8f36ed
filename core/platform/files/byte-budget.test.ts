import { expect, test } from "vitest";
import { createByteBudget } from "./byte-budget.ts";

test("one who holds as much as one may keeps nobody else out, and all together no more than there is", () => {
  const budget = createByteBudget({ ofAll: 100, ofEach: 40 });
  const leave = budget.enter("anna", 40);
  expect(() => budget.enter("anna", 1)).toThrow(
    expect.objectContaining({ code: "busy", retryAfterMs: 2_000 }),
  );
  budget.enter("ben", 40);
  budget.enter("cleo", 20);
  expect(() => budget.enter("cleo", 1)).toThrow(expect.objectContaining({ code: "busy" }));
  leave();
  budget.enter("cleo", 20);
  budget.enter("anna", 20);
  expect(() => budget.enter("dan", 1)).toThrow(expect.objectContaining({ code: "busy" }));
});
