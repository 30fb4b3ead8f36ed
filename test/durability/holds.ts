import type { GroupCommit } from "../../core/platform/journal/group-commit.ts";
import type { RoomPart } from "../../core/platform/journal/journal-store.ts";

/**
 * A place at which a room's append stays for good: `before` it is written, or `after` it is durable and
 * before anyone hears of it. A process that ends then has ended exactly there.
 */
export interface Hold {
  /** The type of an event that the append has. */
  readonly type: string;
  readonly side: "before" | "after";
  /** Which room's. */
  readonly of: (part: RoomPart) => boolean;
}

/** The holds of one process. Each keeps one append. */
export class Holds {
  readonly #waiting = new Map<Hold, () => void>();

  /** Resolves when an append is kept there. */
  add(hold: Hold): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(hold, resolve));
  }

  /** Forgets those that keep nothing yet. */
  clear(): void {
    this.#waiting.clear();
  }

  wrap(commits: GroupCommit): GroupCommit {
    return {
      append: async (part) => {
        const made = part();
        if (this.#keeps(made, "before")) return forever();
        const outcome = await commits.append(() => made);
        return outcome === "appended" && this.#keeps(made, "after") ? forever() : outcome;
      },
      get stats() {
        return commits.stats;
      },
    };
  }

  #keeps(part: RoomPart, side: Hold["side"]): boolean {
    const types = part.entries.map(({ type }) => type);
    for (const [hold, tell] of this.#waiting) {
      if (hold.side !== side || !types.includes(hold.type) || !hold.of(part)) continue;
      this.#waiting.delete(hold);
      tell();
      return true;
    }
    return false;
  }
}

/** What a process that has ended answers. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}
