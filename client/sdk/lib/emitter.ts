type Listener<V> = (value: V) => void;

/** Named events with typed values. A listener that throws harms neither its neighbours nor the sender. */
export class Emitter<Events> {
  private readonly listeners: { [K in keyof Events]?: Set<Listener<Events[K]>> } = {};

  /** Returns how to stop listening. */
  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): () => void {
    const own = (value: Events[K]) => listener(value);
    const set = this.listeners[name] ?? new Set<Listener<Events[K]>>();
    this.listeners[name] = set.add(own);
    return () => set.delete(own);
  }

  has(name: keyof Events): boolean {
    return (this.listeners[name]?.size ?? 0) > 0;
  }

  emit<K extends keyof Events>(name: K, value: Events[K]): void {
    for (const listener of [...(this.listeners[name] ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
