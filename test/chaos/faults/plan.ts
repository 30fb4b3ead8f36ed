import { between } from "../../durability/random.ts";
import type { FaultName } from "./index.ts";

export interface Planned {
  readonly name: FaultName;
  /** From the beginning (s). */
  readonly at: number;
}

const calmAtFirst = 3;
/** As far apart as this, about, unless there are more faults than fit (s). */
const apart = 5;
/** What is begun last has so long until the end (s). */
const calmAtLast = 8;

/** When each fault is to happen: every one of them, in an order of the seed's, and again where there is time. */
export function planFaults(
  names: readonly FaultName[],
  seconds: number,
  random: () => number,
): readonly Planned[] {
  if (names.length === 0) return [];
  const span = Math.max(1, seconds - calmAtFirst - calmAtLast);
  const count = Math.max(names.length, Math.floor(span / apart));
  const order: FaultName[] = [];
  while (order.length < count) order.push(...shuffled(names, random));
  const step = span / count;
  return order.slice(0, count).map((name, n) => ({ name, at: calmAtFirst + step * (n + random() * 0.8) }));
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const rest = [...list];
  const order: T[] = [];
  while (rest.length > 0) order.push(...rest.splice(between(random, 0, rest.length - 1), 1));
  return order;
}
