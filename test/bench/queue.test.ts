import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const bench = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));

test("exactly those concerned are told of each command, and the last line counts them in JSON", async () => {
  const flags = [
    "--quick",
    "--sizes",
    "6,12",
    "--staff",
    "3",
    "--connected",
    "8",
    "--commands",
    "8",
    "--json",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [bench, "queue", ...flags]);
  const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  // Three patches and a reply; of four commands one calls, which is said beside the place.
  expect(result.messagesPerCommand).toEqual({ 6: 5.25, 12: 5.25 });
  const times = { p50: expect.any(Number), p99: expect.any(Number) };
  expect(result).toMatchObject({
    cpuPerCommand: { 6: expect.any(Number), 12: expect.any(Number) },
    postgresCpuPerCommand: { 6: expect.any(Number), 12: expect.any(Number) },
    staffPatchMs: { 6: times, 12: times },
    toldMs: { 6: times, 12: times },
    ratios: { statusCost12vs6: { median: expect.any(Number) } },
  });
  const { move, prioritise, leave, join } = result.reorders;
  // All six are connected; of the twelve every third is not.
  expect(move.messagesPerCommand).toMatchObject({ 6: 3 + 1 + 3 });
  expect(prioritise.messagesPerCommand).toMatchObject({ 6: 3 + 1 + 6, 12: 3 + 1 + 8 });
  expect(leave.messagesPerCommand).toMatchObject({ 6: 3 + 1 + 6 });
  expect(join.messagesPerCommand).toMatchObject({ 6: 3 + 1 + 1, 12: 3 + 1 + 1 });
  expect(result.rounds).toHaveLength(1);
}, 180_000);
