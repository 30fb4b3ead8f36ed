import { expect, test } from "vitest";
import type { RunResult } from "./load/run.ts";
import { ratios } from "./ratios.ts";
import type { Outcome, Round } from "./rounds.ts";

function outcome(cpuPerDelivery: number, sustained: number): Outcome {
  const result = (rate: number, server: number): RunResult => ({
    rate,
    messages: rate,
    p50: 1,
    p99: 2,
    max: 3,
    deliveries: 1000,
    unsent: 0,
    missing: 0,
    duplicates: 0,
    refused: 0,
    unanswered: 0,
    note: null,
    cpu: { server: server * 1000 },
    window: 1e6,
    sendLag: 0,
  });
  const rates = [result(1000, 99), result(4000, cpuPerDelivery)];
  return { rates, ladder: { sustained, atLeast: false, steps: [] } };
}

const round = (ours: Outcome): Round => ({
  outcomes: {
    hugmedo: ours,
    ws: outcome(5, 9000),
    colyseus: outcome(10, 8000),
    "socket.io": outcome(40, 4000),
  },
});

test("compares within a round, at 4,000 messages/s, and spreads over rounds", () => {
  expect(ratios([round(outcome(20, 4000)), round(outcome(15, 6000)), round(outcome(30, 5000))])).toEqual({
    durableTax: { median: 2, min: 1.5, max: 3 },
    frameworkTax: { median: 4, min: 3, max: 6 },
    sustainedVsColyseus: { median: 0.625, min: 0.5, max: 0.75 },
    sustainedVsSocketIo: { median: 1.25, min: 1, max: 1.5 },
  });
});

test("what was not measured has no ratio", () => {
  expect(ratios([{ outcomes: { hugmedo: outcome(20, 4000) } }]).durableTax).toBeNull();
});
