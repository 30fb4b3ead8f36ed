import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical.ts";
import { type ChainedEntry, chain, genesis, type KeptCheckpoint, type Seal, segmentDigest } from "./chain.ts";
import { createChainVerifier, type Finding } from "./verifier.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const now = 10_000_000;

function entryOf(id: number, detail: unknown = { seq: id }): ChainedEntry {
  return {
    id,
    tx: String(700 + id),
    org: "clinic",
    at: 1_000 * id,
    actor: "anna",
    action: "messages.read",
    kind: "chat",
    room: "demo",
    subject: "patient",
    detail,
  };
}

interface Log {
  entries: ChainedEntry[];
  seals: Seal[];
  kept: KeptCheckpoint[];
}

/** A log with a checkpoint after every `every` entries. */
function logOf(count: number, every = 5): Log {
  const entries = Array.from({ length: count }, (_, i) => entryOf(i + 1));
  const seals = chain(digest, { n: 0, hash: genesis }, entries);
  return { entries, seals, kept: checkpointsOf(seals, every) };
}

function checkpointsOf(seals: readonly Seal[], every: number): KeptCheckpoint[] {
  return seals
    .filter(({ n }) => n % every === 0)
    .map(({ n, hash }) => {
      const links = seals.slice(n - every, n);
      const segment = segmentDigest(digest, links);
      return {
        org: "clinic",
        n,
        hash,
        at: 1_000 * n,
        previous: n - every,
        segment,
        kid: "k",
        signature: "s",
        links,
      };
    });
}

function findingsOf({ entries, seals, kept }: Log): readonly Finding[] {
  const verifier = createChainVerifier({ digest, checkpoints: kept, now });
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const seal of seals.toSorted((a, b) => a.n - b.n)) verifier.link(seal, byId.get(seal.entry) ?? null);
  const sealed = new Set(seals.map(({ entry }) => entry));
  for (const entry of entries) if (!sealed.has(entry.id)) verifier.unsealed(entry);
  return verifier.finish().findings;
}

const found = (log: Log) => findingsOf(log).map(({ kind, n, entry }) => [kind, n, entry]);
const index = fc.nat({ max: 22 });

test("a text is the same for the same value, as RFC 8785 has it", () => {
  expect(canonicalJson({ b: [1e21, 0.1, "é\u0007\n"], a: { "\u20ac": null, "1": true }, c: undefined })).toBe(
    '{"a":{"1":true,"€":null},"b":[1e+21,0.1,"é\\u0007\\n"]}',
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
    { numRuns: 200 },
  );
});

describe("an audit that somebody changed", () => {
  test("one that nobody changed has nothing to it", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 9 }), (n, every) => {
        expect(findingsOf(logOf(n, every))).toEqual([]);
      }),
    );
  });

  test("any change of any column of any entry is found at that entry, and nowhere else", () => {
    const changes: readonly ((entry: ChainedEntry) => ChainedEntry)[] = [
      (entry) => ({ ...entry, at: entry.at ^ 1 }),
      (entry) => ({ ...entry, actor: "annb" }),
      (entry) => ({ ...entry, action: "messages.reae" }),
      (entry) => ({ ...entry, kind: null }),
      (entry) => ({ ...entry, room: "demn" }),
      (entry) => ({ ...entry, subject: null }),
      (entry) => ({ ...entry, tx: "7" }),
      (entry) => ({ ...entry, org: "other" }),
      (entry) => ({ ...entry, detail: { seq: entry.id ^ 1 } }),
      (entry) => ({ ...entry, detail: { seq: entry.id, more: false } }),
    ];
    fc.assert(
      fc.property(index, fc.constantFrom(...changes), (i, change) => {
        const log = logOf(23);
        log.entries = log.entries.map((entry, at) => (at === i ? change(entry) : entry));
        expect(found(log)).toEqual([["altered", i + 1, i + 1]]);
      }),
    );
  });

  test("one that is gone, at the end too", () => {
    fc.assert(
      fc.property(index, (i) => {
        const log = logOf(23);
        log.entries.splice(i, 1);
        expect(found(log)).toEqual([["deleted", i + 1, i + 1]]);
      }),
    );
  });

  test("one that came in between, and one that says that it is older than it can be", () => {
    fc.assert(
      fc.property(index, (i) => {
        const log = logOf(23);
        log.entries.push({ ...entryOf(99), tx: String(700 + i) });
        expect(found(log)).toEqual([["inserted", null, 99]]);
      }),
    );
    const entries = [...Array.from({ length: 20 }, (_, i) => entryOf(i + 1)), { ...entryOf(21), at: 3 }];
    const seals = chain(digest, { n: 0, hash: genesis }, entries);
    const kept = checkpointsOf(seals, 20).map((one) => ({ ...one, at: 9_000_000 }));
    expect(found({ entries, seals, kept })).toEqual([["backdated", 21, 21]]);
  });

  test("two that changed places, and the other's place is named", () => {
    fc.assert(
      fc.property(index, index, (i, j) => {
        fc.pre(i !== j);
        const log = logOf(23);
        const [a, b] = [entryOf(i + 1), entryOf(j + 1)];
        log.entries[i] = { ...b, id: a.id };
        log.entries[j] = { ...a, id: b.id };
        const kinds = findingsOf(log).map(({ kind, entry, other }) => [kind, entry, other]);
        const expected = [
          ["reordered", a.id, b.id],
          ["reordered", b.id, a.id],
        ];
        expect(kinds).toEqual(i < j ? expected : expected.toReversed());
      }),
    );
  });

  test("links that changed places", () => {
    const log = logOf(23);
    log.seals = log.seals.map((seal) =>
      seal.n === 7 ? { ...seal, entry: 9 } : seal.n === 9 ? { ...seal, entry: 7 } : seal,
    );
    expect(found({ ...log, kept: [] })).toEqual([
      ["reordered", 7, 9],
      ["reordered", 9, 7],
    ]);
  });

  test("a tail that was made anew from any place on, where it begins", () => {
    fc.assert(
      fc.property(fc.nat({ max: 19 }), (i) => {
        const log = logOf(23);
        log.entries = log.entries.map((entry, at) => (at === i ? { ...entry, actor: "mallory" } : entry));
        log.seals = chain(digest, { n: 0, hash: genesis }, log.entries);
        expect(findingsOf(log)).toEqual([
          { kind: "rewritten", n: i + 1, until: 20, entry: i + 1, at: (i + 1) * 1_000 },
        ]);
      }),
    );
  });

  test("a tail that was cut off, where the cut is", () => {
    fc.assert(
      fc.property(fc.nat({ max: 19 }), (i) => {
        const log = logOf(23);
        log.entries.splice(i);
        log.seals.splice(i);
        expect(findingsOf(log)).toEqual([{ kind: "truncated", n: i + 1, until: 20, entry: i + 1, at: null }]);
      }),
    );
  });

  test("a link that was changed or is gone, and not its entry", () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), (i) => {
        const log = logOf(23);
        log.kept = [];
        log.seals = log.seals.map((seal) => (seal.n === i + 1 ? { ...seal, hash: digest("x") } : seal));
        expect(found(log)).toEqual([["seal_altered", i + 1, i + 1]]);
        log.seals.splice(i, 1);
        expect(found(log).map(([kind, n]) => [kind, n])).toEqual([
          ["seal_missing", i + 1],
          ["inserted", null],
        ]);
      }),
    );
  });

  test("whatever is done to whatever rows, something is found", () => {
    const step = fc.record({
      what: fc.constantFrom("drop", "swap", "change", "add", "cut"),
      i: index,
      j: index,
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), fc.boolean(), (steps, anew) => {
        const log = logOf(23);
        const before = JSON.stringify(log.entries.slice(0, 20));
        for (const { what, i, j } of steps) {
          const [a, b] = [log.entries[i], log.entries[j]];
          if (what === "drop") log.entries.splice(i, 1);
          if (what === "cut") log.entries.splice(i);
          if (what === "change" && a) log.entries[i] = { ...a, detail: { seq: j + 100 } };
          if (what === "add") log.entries.splice(i, 0, { ...entryOf(100 + j), tx: String(700 + i) });
          if (what === "swap" && a && b)
            [log.entries[i], log.entries[j]] = [
              { ...b, id: a.id },
              { ...a, id: b.id },
            ];
        }
        if (anew) log.seals = chain(digest, { n: 0, hash: genesis }, log.entries);
        fc.pre(JSON.stringify(log.entries.slice(0, 20)) !== before);
        expect(findingsOf(log).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});
