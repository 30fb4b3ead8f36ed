/**
 * An estimated wait in honest words: it is never said to the minute, and the longer it is the wider the range.
 * `unknown`: nobody is on duty, so nothing can be said. Minutes are whole.
 */
export type Wait =
  | { readonly kind: "unknown" }
  | { readonly kind: "soon" }
  | { readonly kind: "about"; readonly minutes: number }
  | { readonly kind: "between"; readonly from: number; readonly to: number };

/** Up to so many minutes it is only said that it will not be long. */
const soon = 3;
/** From so many minutes on a range is said. */
const ranged = 32.5;

export function waitOf(etaSeconds: number | null): Wait {
  if (etaSeconds === null) return { kind: "unknown" };
  const minutes = etaSeconds / 60;
  if (minutes < soon) return { kind: "soon" };
  if (minutes < ranged) return { kind: "about", minutes: Math.max(5, Math.round(minutes / 5) * 5) };
  const step = minutes < 90 ? 10 : 30;
  const from = Math.floor((minutes * 0.9) / step) * step;
  return { kind: "between", from, to: Math.max(from + step, Math.ceil((minutes * 1.1) / step) * step) };
}
