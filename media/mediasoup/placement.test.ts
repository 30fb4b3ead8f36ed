import fc from "fast-check";
import { expect, it } from "vitest";
import { placeNodes } from "./placement.ts";

interface Example {
  readonly consumers: number;
  readonly capacity: number;
  readonly draining: boolean;
  readonly heard: boolean;
}

const nodeOf = ({ heard, ...load }: Example, index: number) => ({
  id: `node-${index}`,
  heard: () => heard,
  load: () => ({ ...load, workers: 1, sessions: 0, producers: 0 }),
});

const node = fc.record({
  consumers: fc.integer({ min: 0, max: 600 }),
  capacity: fc.constantFrom(500, 1_000),
  draining: fc.boolean(),
  heard: fc.boolean(),
});

it("takes the node that is least full, and never one that drains, is silent, or is full", () => {
  fc.assert(
    fc.property(fc.array(node, { maxLength: 8 }), (examples) => {
      const placed = placeNodes(examples.map(nodeOf));
      const able = examples.filter((one) => !one.draining && one.heard && one.consumers < one.capacity);
      expect(placed).toHaveLength(able.length);
      const fullness = placed.map((one) => one.load().consumers / one.load().capacity);
      expect(fullness).toEqual(fullness.toSorted((a, b) => a - b));
      expect(fullness.toSorted()).toEqual(able.map((one) => one.consumers / one.capacity).toSorted());
    }),
  );
});
