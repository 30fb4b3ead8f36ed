import type { Recorded } from "../../domain/feature.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";

/**
 * A place in the feed. Transactions commit in another order than they took their positions in, so the feed's order is
 * (tx, position), and it ends where a transaction may still be under way (DESIGN §6): what was passed over never comes later.
 */
export interface FeedCursor {
  /** PostgreSQL's xid8, in decimal. */
  readonly tx: string;
  readonly position: number;
}

export const feedStart: FeedCursor = { tx: "0", position: 0 };

/** One event of the journal, as it was committed. */
export interface FeedEntry {
  readonly org: string;
  readonly ref: RoomRef;
  readonly cursor: FeedCursor;
  /** null: the key that it was encrypted under was destroyed. */
  readonly recorded: Recorded | null;
  readonly seq: number;
  readonly type: string;
  readonly actor: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface FeedPage {
  readonly entries: readonly FeedEntry[];
  /** Where to go on, also where there was nothing. */
  readonly next: FeedCursor;
  /** Whether there is more at this moment. */
  readonly more: boolean;
}

/** The journal in the order of its commits: gap-free, without repeats, whoever writes meanwhile. */
export interface Feed {
  /** `org`: of one organisation, under its row-level security; null: of all, for the engine's own readers. */
  read(query: {
    readonly org: string | null;
    readonly after: FeedCursor;
    readonly limit: number;
  }): Promise<FeedPage>;
}

/**
 * A reader of the journal that keeps something of its own. The entries' effects and the cursor behind them are committed in one
 * transaction, so each entry counts once, whatever process applies it and whenever one dies.
 */
export interface Projection {
  /** Of its cursor, kept in the database: never changed. */
  readonly name: string;
  /** In order, each entry once. Ask the database through `tx` alone. */
  apply(tx: Db, entries: readonly FeedEntry[]): Promise<void>;
}

/** Keeps projections up to date, each on one process at a time. */
export interface Projector {
  /** There is something new: do not wait for the next look. */
  wake(): void;
  /** From the beginning again, while it runs: `clear` empties what it kept, in the transaction that sets its cursor back. */
  rebuild(name: string, clear: (tx: Db) => Promise<void>): Promise<void>;
  /** How far each is behind, in ms of the oldest entry that it has not seen; 0: up to date. */
  lag(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}
