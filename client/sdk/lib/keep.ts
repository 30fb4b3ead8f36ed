/**
 * Plain data that says the same as before stays the same object, so that whoever compares by identity sees
 * what changed and nothing else.
 */
export function keep<T>(before: T, now: T): T {
  return same(before, now) ? before : now;
}

/** The same for each item of a list, by its place. */
export function keepEach<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  const kept = now.map((item, at) => {
    const old = before[at];
    return old === undefined ? item : keep(old, item);
  });
  const unchanged = kept.length === before.length && kept.every((item, at) => item === before[at]);
  return unchanged ? before : kept;
}

/** The picture with what is different in it; the same picture where nothing is. */
export function changed<T extends object>(picture: T, changes: Partial<T>): T {
  const next: T = { ...picture, ...changes };
  for (const key in next) if (next[key] !== picture[key]) return next;
  return picture;
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
