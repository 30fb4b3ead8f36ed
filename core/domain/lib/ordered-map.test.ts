import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyMap, mapOf, type OrderedMap } from "./ordered-map.ts";

type Model = readonly (readonly [string, number])[];
type Change = { readonly key: string; readonly value: number | null };

const key = fc.oneof(fc.string({ maxLength: 2 }), fc.constantFrom("a", "b", "é", "あ", "👩", "10", "9"));
const change: fc.Arbitrary<Change> = fc.record({ key, value: fc.option(fc.nat({ max: 5 })) });
const history = fc.array(change, { maxLength: 120 });

function changed(map: OrderedMap<number>, { key, value }: Change): OrderedMap<number> {
  return value === null ? map.delete(key) : map.set(key, value);
}

function changedModel(model: Model, { key, value }: Change): Model {
  const others = model.filter(([other]) => other !== key);
  if (value === null) return others;
  return [...others, [key, value] as const].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("an ordered map", () => {
  it("is a sorted list of entries, after any history; older versions stay as they were", () => {
    fc.assert(
      fc.property(history, (changes) => {
        const versions: [OrderedMap<number>, Model][] = [[emptyMap(), []]];
        let [map, model]: [OrderedMap<number>, Model] = [emptyMap(), []];
        for (const one of changes) {
          [map, model] = [changed(map, one), changedModel(model, one)];
          versions.push([map, model]);
        }
        for (const [version, expected] of versions) {
          expect([...version]).toEqual(expected);
          expect(version.size).toBe(expected.length);
          expect(version.imbalance).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it("finds by key, by place and by neighbourhood, also for absent keys", () => {
    fc.assert(
      fc.property(history, key, fc.integer({ min: -2, max: 40 }), (changes, wanted, index) => {
        const map = changes.reduce(changed, emptyMap<number>());
        const model = changes.reduce<Model>(changedModel, []);
        expect(map.get(wanted)).toBe(model.find(([one]) => one === wanted)?.[1]);
        expect(map.has(wanted)).toBe(model.some(([one]) => one === wanted));
        expect(map.indexOf(wanted)).toBe(model.filter(([one]) => one < wanted).length);
        expect(map.before(wanted)).toEqual(model.findLast(([one]) => one < wanted));
        expect(map.after(wanted)).toEqual(model.find(([one]) => one > wanted));
        expect(map.first()).toEqual(model[0]);
        expect(map.last()).toEqual(model.at(-1));
        expect(map.at(index)).toEqual(model[index]);
        expect([...map.entriesFrom(index)]).toEqual(model.slice(Math.max(0, index)));
        expect([...map.values()]).toEqual(model.map(([, value]) => value));
      }),
    );
  });

  it("is the same object when nothing changes", () => {
    fc.assert(
      fc.property(history, key, (changes, absent) => {
        const map = changes.reduce(changed, emptyMap<number>()).delete(absent);
        expect(map.delete(absent)).toBe(map);
        for (const [one, value] of map) expect(map.set(one, value)).toBe(map);
      }),
    );
  });

  it("is made of entries in any order, of which the later count", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat())), (entries) => {
        const map = mapOf(entries);
        const grown = entries.reduce((all, [one, value]) => all.set(one, value), emptyMap<number>());
        expect([...map]).toEqual([...grown]);
        expect(map.imbalance).toBeLessThanOrEqual(3);
      }),
    );
  });

  it("stays balanced when keys come and go in order, from either end", () => {
    const ascending = Array.from({ length: 2000 }, (_, i) => String(i).padStart(4, "0"));
    for (const keys of [ascending, ascending.toReversed()]) {
      let map = emptyMap<number>();
      for (const one of keys) map = map.set(one, 0);
      expect(map.imbalance).toBeLessThanOrEqual(3);
      for (const one of keys.slice(0, 1900)) {
        map = map.delete(one);
        if (map.size % 100 === 0) expect(map.imbalance).toBeLessThanOrEqual(3);
      }
      expect([...map].map(([one]) => one)).toEqual(keys.slice(1900).sort());
    }
  });

  it("stays balanced under long random histories", () => {
    const many = fc.array(fc.tuple(fc.nat({ max: 400 }), fc.boolean()), { minLength: 500, maxLength: 2000 });
    fc.assert(
      fc.property(many, (steps) => {
        let map = emptyMap<number>();
        const model = new Set<string>();
        for (const [n, keep] of steps) {
          const one = String(n);
          map = keep ? map.set(one, n) : map.delete(one);
          if (keep) model.add(one);
          else model.delete(one);
          expect(map.imbalance).toBeLessThanOrEqual(3);
        }
        expect([...map].map(([one]) => one)).toEqual([...model].sort());
      }),
      { numRuns: 10 },
    );
  });
});
