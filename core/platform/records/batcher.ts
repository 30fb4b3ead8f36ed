import { DomainError } from "../../domain/errors.ts";

interface BatcherOptions<T> {
  /** So many may wait; more are refused as `busy`. */
  readonly limit: number;
  /** So many go in one write. */
  readonly size: number;
  /** Of one or more, all or nothing. */
  readonly write: (items: readonly T[]) => Promise<void>;
}

/**
 * Writes at once when nothing is under way; what comes meanwhile goes together in the next write. A group is written whole, and its
 * caller is told how that went.
 */
export function createBatcher<T>({
  limit,
  size,
  write,
}: BatcherOptions<T>): (items: readonly T[]) => Promise<void> {
  interface Group {
    readonly items: readonly T[];
    readonly done: PromiseWithResolvers<void>;
  }
  const queue: Group[] = [];
  let waiting = 0;
  let busy = false;

  const take = (): Group[] => {
    const groups: Group[] = [];
    for (let count = 0; queue[0]; ) {
      count += queue[0].items.length;
      if (groups.length > 0 && count > size) break;
      groups.push(queue[0]);
      queue.shift();
    }
    return groups;
  };

  /** One group that cannot be written never fails its neighbours. */
  const alone = async (groups: readonly Group[], failure: unknown): Promise<void> => {
    const [only, ...others] = groups;
    if (others.length === 0) return only?.done.reject(failure);
    await Promise.all(groups.map(({ items, done }) => write(items).then(done.resolve, done.reject)));
  };

  const drain = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const groups = take();
      const items = groups.flatMap((group) => group.items);
      waiting -= items.length;
      try {
        await write(items);
        for (const { done } of groups) done.resolve();
      } catch (error) {
        await alone(groups, error);
      }
    }
    busy = false;
  };

  return async (items) => {
    if (items.length === 0) return;
    if (waiting + items.length > limit) throw new DomainError("busy");
    const done = Promise.withResolvers<void>();
    queue.push({ items, done });
    waiting += items.length;
    if (!busy) void drain();
    return done.promise;
  };
}
