import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countersOf, sampleOf } from "./peer-stats.ts";
import { type LinkSample, noSaving, qualityOf, save, worst } from "./quality.ts";
import type { LinkQuality } from "./types.ts";

const perfect: LinkSample = { loss: 0, roundTripMs: 20, bandwidth: 2_000_000, connected: true };
const qualities: readonly LinkQuality[] = ["good", "fair", "poor", "lost"];

describe("the quality of a link", () => {
  test.each([
    [{}, "good"],
    [{ loss: null, roundTripMs: null, bandwidth: null }, "good"],
    [{ loss: 0.05 }, "fair"],
    [{ roundTripMs: 400 }, "fair"],
    [{ bandwidth: 200_000 }, "fair"],
    [{ loss: 0.2 }, "poor"],
    [{ roundTripMs: 900 }, "poor"],
    [{ bandwidth: 50_000 }, "poor"],
    [{ connected: false }, "lost"],
  ] as const)("%j is %s", (sample, quality) => {
    expect(qualityOf({ ...perfect, ...sample })).toBe(quality);
  });

  test("gets no better where more is lost, or it takes longer", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.nat(2_000), fc.nat(2_000), (a, b, c, d) => {
        const better = { ...perfect, loss: Math.min(a, b), roundTripMs: Math.min(c, d) };
        const worse = { ...perfect, loss: Math.max(a, b), roundTripMs: Math.max(c, d) };
        const rank = (sample: LinkSample) => qualities.indexOf(qualityOf(sample));
        expect(rank(better)).toBeLessThanOrEqual(rank(worse));
      }),
    );
  });

  test("of several is that of the worst", () => {
    expect(worst([])).toBe(null);
    expect(worst(["good", "poor", "fair"])).toBe("poor");
  });
});

describe("leaving pictures out", () => {
  const seenBy = (seen: readonly LinkQuality[], most = 2) =>
    seen.reduce((saving, quality) => save(saving, quality, most), noSaving).level;
  const times = (n: number, quality: LinkQuality) => Array<LinkQuality>(n).fill(quality);

  test("takes a while each way, and longer each time until they are back", () => {
    expect(seenBy(times(3, "poor"))).toBe(0);
    const once = [...times(4, "poor")];
    expect(seenBy(once)).toBe(1);
    expect(seenBy([...once, ...times(7, "good")])).toBe(1);
    const back = [...once, ...times(8, "good")];
    expect(seenBy(back)).toBe(0);
    expect(seenBy([...back, ...times(4, "poor"), ...times(8, "good")])).toBe(1);
    expect(seenBy([...back, ...times(4, "poor"), ...times(16, "good")])).toBe(0);
  });

  test("begins with mine; the others' follow where that was not enough, and where they can be held back", () => {
    expect(seenBy(times(7, "poor"))).toBe(1);
    expect(seenBy(times(8, "poor"))).toBe(2);
    expect(seenBy(times(40, "poor"), 1)).toBe(1);
    expect(seenBy([...times(8, "poor"), ...times(8, "good")])).toBe(1);
    expect(seenBy([...times(8, "poor"), ...times(24, "good")])).toBe(0);
  });

  test("never changes for less than four measurements in a row, nor by more than a step", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...qualities), { maxLength: 60 }), (seen) => {
        let saving = noSaving;
        for (const [at, quality] of seen.entries()) {
          const next = save(saving, quality, 2);
          if (next.level !== saving.level) {
            const wanted = next.level > saving.level ? "poor" : "good";
            expect(Math.abs(next.level - saving.level)).toBe(1);
            expect(seen.slice(at - 3, at + 1)).toEqual(times(4, wanted));
          }
          saving = next;
        }
      }),
    );
  });
});

describe("a browser's report", () => {
  const report = (fields: { lost: number; received: number; sent: number; there?: number }) =>
    new Map<string, object>(
      [
        { id: "t", type: "transport", selectedCandidatePairId: "p" },
        { id: "p", type: "candidate-pair", currentRoundTripTime: 0.05, availableOutgoingBitrate: 900_000 },
        { id: "other", type: "candidate-pair", currentRoundTripTime: 9 },
        {
          id: "i",
          type: "inbound-rtp",
          kind: "video",
          packetsReceived: fields.received,
          packetsLost: fields.lost,
        },
        { id: "o", type: "outbound-rtp", kind: "video", bytesSent: fields.sent },
        { id: "r", type: "remote-inbound-rtp", fractionLost: fields.there ?? 0 },
      ].map((stat) => [stat.id, stat]),
    );

  test("tells what happened since the one before", () => {
    const before = countersOf(report({ lost: 50, received: 100, sent: 10 }));
    const now = countersOf(report({ lost: 60, received: 190, sent: 20 }));
    expect(sampleOf(before, now, true)).toEqual({
      loss: 0.1,
      roundTripMs: 50,
      bandwidth: 900_000,
      connected: true,
    });
  });

  test("counts the worse direction, and no bandwidth where no picture is sent", () => {
    const before = countersOf(report({ lost: 0, received: 0, sent: 10 }));
    const now = countersOf(report({ lost: 0, received: 0, sent: 10, there: 0.4 }));
    expect(sampleOf(before, now, true)).toMatchObject({ loss: 0.4, bandwidth: null });
  });
});
