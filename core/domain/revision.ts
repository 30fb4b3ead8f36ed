import { type Rejection, rejection } from "./errors.ts";

/**
 * A short name of a value as it is: the same for equal values, in whatever order their fields are; another one, for all
 * practical purposes, for every other value. It keeps nothing secret (cyrb53, two 32-bit multiplicative hashes).
 */
export function revisionOf(value: unknown): string {
  const text = canonical(value);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36);
}

/** The revisions that a change is meant for; null or left out: any. */
export type Expected = readonly string[] | null | undefined;

/** Refuses a change of something that is not as whoever asks for it has read it. */
export function revisionFault(expected: Expected, value: unknown): Rejection | null {
  return expected && !expected.includes(revisionOf(value)) ? rejection("precondition_failed") : null;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}
