/** The list with one more at its end, and the oldest gone where there would be more than `limit`. */
export function keep<T>(list: readonly T[], one: T, limit: number): readonly T[] {
  const next = list.length < limit ? list.slice() : list.slice(1 - limit);
  next.push(one);
  return next;
}
