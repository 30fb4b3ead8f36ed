import { DomainError } from "../../domain/errors.ts";

/** Keeps one organisation from taking all that a process can do at once. */
export interface Bulkhead {
  /** Returns how to leave again. Throws `busy` when too many are inside. */
  enter(org: string): () => void;
}

const retryAfterMs = 1_000;

export function createBulkhead(limit: number): Bulkhead {
  const inside = new Map<string, number>();
  const change = (org: string, by: number): void => {
    const count = (inside.get(org) ?? 0) + by;
    if (count === 0) inside.delete(org);
    else inside.set(org, count);
  };
  return {
    enter: (org) => {
      if ((inside.get(org) ?? 0) >= limit) throw new DomainError("busy", undefined, { retryAfterMs });
      change(org, 1);
      return () => change(org, -1);
    },
  };
}
