import { describe, expect, it } from "vitest";
import type { PlaceMessage } from "../../../../../core/protocol/queue.ts";
import type { WaitingSnapshot } from "../../../../sdk/types.ts";
import { holdsPlace, nothingRead, stageOf, stepsOf } from "./stage.ts";

const place: PlaceMessage = {
  seq: 3,
  status: "waiting",
  entry: "e1",
  place: 2,
  ahead: 1,
  etaSeconds: 600,
  ready: true,
  joinedAt: 1_000,
};
const nowhere: PlaceMessage = { ...place, status: "none", entry: null, place: null, ahead: null };
const snapshot: WaitingSnapshot = {
  status: "live",
  reason: null,
  queue: {
    id: "demo",
    title: "General",
    opening: "open",
    suspended: null,
    nextHours: null,
    asks: [],
    callSeconds: 120,
    expectedMinutes: 15,
    notices: [],
  },
  place,
  called: null,
  admitted: null,
  notices: [],
};

describe("what a patient has before them", () => {
  it("is nothing yet, until the server has said", () => {
    expect(stageOf({ ...snapshot, place: null }, nothingRead)).toBe("connecting");
    expect(stageOf({ ...snapshot, queue: null }, nothingRead)).toBe("connecting");
  });

  it("follows the place", () => {
    for (const status of ["waiting", "called", "confirmed", "held", "away", "leaving"] as const)
      expect(stageOf({ ...snapshot, place: { ...place, status } }, nothingRead)).toBe(status);
    expect(stageOf({ ...snapshot, place: nowhere }, nothingRead)).toBe("door");
  });

  it("is how the place ended, until that was read", () => {
    const ended = { ...snapshot, place: { ...nowhere, ended: { how: "noShow", at: 5_000 } as const } };
    expect(stageOf(ended, nothingRead)).toBe("ended");
    expect(stageOf(ended, { ...nothingRead, ended: 4_000 })).toBe("ended");
    expect(stageOf(ended, { ...nothingRead, ended: 5_000 })).toBe("door");
  });

  it("is the open visit before everything else", () => {
    const admitted = { visit: "v1", at: 9_000 };
    expect(stageOf({ ...snapshot, place: nowhere, admitted, status: "closed" }, nothingRead)).toBe(
      "admitted",
    );
    expect(stageOf({ ...snapshot, status: "closed" }, nothingRead)).toBe("closed");
  });

  it("is over once they have been led to the visit", () => {
    const at = 9_000;
    const left = { ...nowhere, ended: { how: "admitted", at, to: "v1" } as const };
    const admitted = { ...snapshot, place: left, admitted: { visit: "v1", at } };
    expect(stageOf(admitted, nothingRead)).toBe("admitted");
    expect(stageOf(admitted, { ...nothingRead, visit: "v1" })).toBe("ended");
    expect(stageOf(admitted, { ...nothingRead, visit: "v0" })).toBe("admitted");
    expect(holdsPlace(admitted, { ...nothingRead, visit: "v1" })).toBe(false);
  });

  it("is kept while there is a place or an open visit", () => {
    expect(holdsPlace(snapshot, nothingRead)).toBe(true);
    expect(holdsPlace({ ...snapshot, place: nowhere }, nothingRead)).toBe(false);
    expect(holdsPlace({ ...snapshot, place: nowhere, admitted: { visit: "v1", at: 1 } }, nothingRead)).toBe(
      true,
    );
    expect(holdsPlace({ ...snapshot, place: null }, nothingRead)).toBe(false);
  });
});

describe("what happens next", () => {
  const states = (...args: Parameters<typeof stepsOf>) => stepsOf(...args).map(({ state }) => state);

  it("goes on with the place", () => {
    expect(states("waiting", 1, true)).toEqual(["done", "now", "next", "next"]);
    expect(states("called", 1, true)).toEqual(["done", "done", "now", "next"]);
    expect(states("confirmed", 1, true)).toEqual(["done", "done", "done", "now"]);
  });

  it("says that something is missing while one waits already", () => {
    expect(states("waiting", 3, false)).toEqual(["now", "now", "next", "next"]);
  });

  it("has no check-in where the clinic asks for nothing", () => {
    expect(stepsOf("waiting", 0, true).map(({ key }) => key)).toEqual(["wait", "call", "visit"]);
  });
});
