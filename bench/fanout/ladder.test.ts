import { expect, test } from "vitest";
import { climb } from "./ladder.ts";

const options = { start: 4000, lowest: 100, highest: 20_000, steps: 50 };

async function climbTo(limit: number, changed = {}) {
  const tried: number[] = [];
  const result = await climb({ ...options, ...changed }, async (rate) => {
    tried.push(rate);
    return rate <= limit;
  });
  return { ...result, tried };
}

test("climbs until a step fails", async () => {
  expect(await climbTo(6500)).toEqual({ sustained: 6250, failed: 7813, tried: [4000, 5000, 6250, 7813] });
});

test("descends from a start that is too high, to the first rate that holds", async () => {
  expect(await climbTo(3000)).toEqual({ sustained: 2560, failed: 3200, tried: [4000, 3200, 2560] });
});

test("ends at its limits", async () => {
  expect(await climbTo(1e9)).toMatchObject({ sustained: 19_075, failed: null });
  expect(await climbTo(0, { lowest: 3000 })).toEqual({ sustained: null, failed: 3200, tried: [4000, 3200] });
  expect(await climbTo(1e9, { steps: 2 })).toMatchObject({ sustained: 5000, tried: [4000, 5000] });
});
