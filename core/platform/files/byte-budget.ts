import { DomainError } from "../../domain/errors.ts";

/** How many bytes may be in memory at the same time, of all and of each who sends them: one who is slow keeps no others out. */
export interface ByteBudget {
  /** Returns how to give them back. Throws `busy`. */
  enter(by: string, bytes: number): () => void;
}

const retryAfterMs = 2_000;

export function createByteBudget(most: { readonly ofAll: number; readonly ofEach: number }): ByteBudget {
  const held = new Map<string, number>();
  let all = 0;
  return {
    enter: (by, bytes) => {
      const own = (held.get(by) ?? 0) + bytes;
      if (all + bytes > most.ofAll || own > most.ofEach)
        throw new DomainError("busy", undefined, { retryAfterMs });
      all += bytes;
      held.set(by, own);
      return () => {
        all -= bytes;
        const left = (held.get(by) ?? 0) - bytes;
        if (left > 0) held.set(by, left);
        else held.delete(by);
      };
    },
  };
}
