import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PieceLimits, storeInPieces } from "../../media/recording/chunker.ts";

const limits: PieceLimits = {
  pieceBytes: 1_000,
  pieceMs: 5,
  heldBytes: 4_000,
  patienceMs: 5_000,
  answerMs: 1_000,
};

/** A store that fails as often as it is told to, and keeps what it was given. */
function store(failures: Iterable<boolean> = []) {
  const chances = failures[Symbol.iterator]();
  const pieces = new Map<number, Buffer>();
  return {
    pieces,
    joined: () => Buffer.concat([...pieces.values()]),
    put: async (index: number, bytes: Uint8Array) => {
      if (chances.next().value) throw new Error("away");
      pieces.set(index, Buffer.from(bytes));
    },
  };
}

async function* arriving(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await new Promise((resolve) => setImmediate(resolve));
    yield part;
  }
}

describe("a stream in pieces", () => {
  it("is whole again, in order, however it came and however often the store failed", async () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 2_500 }), { maxLength: 12 });
    const failures = fc.array(fc.boolean(), { maxLength: 3 });
    const property = fc.asyncProperty(parts, failures, async (came, fails) => {
      const kept = store(fails);
      const count = await storeInPieces(arriving(came), kept.put, limits);
      expect([...kept.pieces.keys()]).toEqual(Array.from({ length: count }, (_, index) => index));
      expect(kept.joined()).toEqual(Buffer.concat(came));
      for (const piece of kept.pieces.values()) expect(piece.length).toBeLessThanOrEqual(limits.pieceBytes);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("is stored while it still comes, however little that is", async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const stored = Promise.withResolvers<Uint8Array>();
    async function* slow() {
      yield Buffer.from("first");
      await over;
    }
    const all = storeInPieces(slow(), async (_, bytes) => stored.resolve(bytes), limits);
    expect(String(await stored.promise)).toBe("first");
    end();
    expect(await all).toBe(1);
  });

  it("is read no further than there is room, while the store is slow", async () => {
    let read = 0;
    async function* endless() {
      for (; read < 100; read += 1) yield Buffer.alloc(500);
    }
    const first = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const kept = store();
    const put = async (index: number, bytes: Uint8Array) => {
      asked.resolve();
      await first.promise;
      await kept.put(index, bytes);
    };
    const all = storeInPieces(endless(), put, limits);
    await asked.promise;
    // Time in which it would have read on.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(read * 500).toBeLessThanOrEqual(limits.heldBytes + 1_500);
    first.resolve();
    await all;
    expect(kept.joined().length).toBe(50_000);
  });

  it("is given up when the store stays away", async () => {
    const put = () => Promise.reject(new Error("away"));
    const given = storeInPieces(arriving([Buffer.from("lost")]), put, { ...limits, patienceMs: 300 });
    await expect(given).rejects.toThrow();
  });

  it("keeps what came before it broke", async () => {
    async function* broken() {
      yield Buffer.from("kept");
      throw new Error("broken");
    }
    const kept = store();
    expect(await storeInPieces(broken(), kept.put, limits)).toBe(1);
    expect(String(kept.joined())).toBe("kept");
  });
});
