/** What a synchronised map or list can be asked: each of its values, in its order. */
export interface Entries<V, K = string> {
  forEach(visit: (value: V, key: K) => void): void;
}

/** The values as a list, made from each; a part that the server does not show is empty. */
export function listOf<V, T, K = string>(
  part: Entries<V, K> | undefined,
  read: (value: V, key: K) => T,
): readonly T[] {
  const list: T[] = [];
  part?.forEach((value, key) => {
    list.push(read(value, key));
  });
  return list;
}
