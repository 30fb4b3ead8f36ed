/** Says that this process appended something, so that readers need not wait for their next look. It may say so for nothing. */
export interface Arrivals {
  notify(): void;
  /** Returns what ends it. */
  listen(listener: () => void): () => void;
}

export function createArrivals(): Arrivals {
  const listeners = new Set<() => void>();
  return {
    notify: () => {
      for (const listener of listeners) listener();
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
