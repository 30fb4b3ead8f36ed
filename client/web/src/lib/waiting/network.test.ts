import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, measureNetwork, type NetworkProbe, type NetworkSample } from "./network.ts";

const fine: NetworkSample = {
  roundTrips: [20, 22, 21, 30, 25],
  lost: 0,
  bandwidth: 20_000_000,
  calls: true,
};

describe("the verdict on a network", () => {
  it.each<[Partial<NetworkSample>, string, readonly string[]]>([
    [{}, "good", []],
    [{ bandwidth: null }, "good", []],
    [{ roundTrips: [300, 300, 310] }, "fair", ["slow"]],
    [{ roundTrips: [20, 20, 20, 20, 200] }, "fair", ["unsteady"]],
    [{ lost: 1 }, "fair", ["unsteady"]],
    [{ bandwidth: 1_000_000 }, "fair", ["narrow"]],
    [{ bandwidth: 100_000 }, "poor", ["narrow"]],
    [{ roundTrips: [900, 900], bandwidth: 1_000_000 }, "poor", ["slow", "narrow"]],
    [{ lost: 5 }, "poor", ["unsteady"]],
    [{ roundTrips: [], lost: 3 }, "none", ["offline"]],
    [{ calls: false }, "none", ["noCalls"]],
  ])("%j: %s %j", (sample, verdict, troubles) => {
    expect(judge({ ...fine, ...sample })).toMatchObject({ verdict, troubles });
  });

  it("is good where there is no trouble, and only there", () => {
    const trips = fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(trips, fc.nat(12), fc.option(fc.nat(5_000_000)), (roundTrips, lost, bandwidth) => {
        const { verdict, troubles } = judge({ roundTrips, lost, bandwidth, calls: true });
        expect(verdict === "good").toBe(troubles.length === 0);
      }),
    );
  });
});

describe("measuring", () => {
  const probe = (over: Partial<NetworkProbe> = {}): NetworkProbe => {
    let time = 0;
    return {
      ask: async () => {
        time += 30;
      },
      fetchLarge: async () => {
        time += 500;
        return 1_000_000;
      },
      canCall: async () => true,
      now: () => time,
      ...over,
    };
  };

  it("asks a few times, fetches something large, and tells how far it is", async () => {
    const told: number[] = [];
    const sample = await measureNetwork(probe(), (done) => told.push(done));
    expect(sample).toEqual({ roundTrips: Array(12).fill(30), lost: 0, bandwidth: 2_000_000, calls: true });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  it("comes to an end soon where nothing answers, and where the browser cannot carry calls", async () => {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw new Error("offline");
    };
    const canCall = async () => Promise.reject(new Error("no such thing"));
    const sample = await measureNetwork(probe({ ask, canCall }), () => undefined);
    expect(sample).toEqual({ roundTrips: [], lost: 3, bandwidth: null, calls: false });
    expect(asked).toBe(4);
  });
});
