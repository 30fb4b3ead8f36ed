import { type SqlBool, sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { Recorded } from "../../domain/feature.ts";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { DataKey, DataKeys } from "../crypto/data-keys.ts";
import type { Database, Db } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import { decodeEvent, isErased, type JournalEntry } from "./codec.ts";

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
  /** null: the key that it was encrypted under was destroyed, or the row was altered (which is logged). */
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
    /** Of a type: the others are passed over, and not decrypted. All by default. */
    readonly wanted?: ((type: string) => boolean) | undefined;
  }): Promise<FeedPage>;
}

/** What else may be asked of it. */
export interface JournalFeed extends Feed {
  /** Those of these events that there are, in no order. */
  find(
    org: string,
    places: readonly { readonly ref: RoomRef; readonly seq: number }[],
  ): Promise<readonly FeedEntry[]>;
  /** Where the feed ends at this moment. */
  end(): Promise<FeedCursor>;
  /** Whose events came after a place, without looking into any. */
  news(after: FeedCursor): Promise<{ readonly orgs: ReadonlySet<string>; readonly next: FeedCursor }>;
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
  /** How often each has failed here since it last succeeded. */
  failing(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

export interface FeedParts extends Pick<Database, "db" | "tenants"> {
  readonly keys: Pick<DataKeys, "get">;
  readonly log: Pick<Logger, "error">;
}

interface Row extends JournalEntry {
  readonly org: string;
  readonly kind: string;
  readonly id: string;
  readonly tx: string;
  readonly position: number;
  readonly keyId: string | null;
  readonly keyKept: boolean;
}

export function createFeed({ db, tenants, keys, log }: FeedParts): JournalFeed {
  /** A key that is destroyed is not used any more, also where it is still in memory. */
  const keysOf = async (rows: readonly Row[]): Promise<ReadonlyMap<string, DataKey | null>> => {
    const wanted = new Map(
      rows.flatMap(({ org, keyId, keyKept }) => (keyId !== null && keyKept ? [[keyId, org] as const] : [])),
    );
    const unlocked = [...wanted].map(async ([id, org]) => [id, await found(keys, org, id)] as const);
    return new Map(await Promise.all(unlocked));
  };

  const recordedOf = (row: Row, ref: RoomRef, key: DataKey | null | undefined): Recorded | null => {
    if (!key || isErased(key, row)) return null;
    try {
      return decodeEvent(key, ref, row);
    } catch {
      // Its neighbours do not wait for a row that nobody can read any more. What was thrown might quote it.
      log.error({ kind: ref.kind, id: ref.id, seq: row.seq }, "an event of the journal cannot be read");
      return null;
    }
  };

  const entriesOf = async (rows: readonly Row[]): Promise<FeedEntry[]> => {
    const unlocked = await keysOf(rows);
    return rows.flatMap((row): FeedEntry[] => {
      const { org, kind, id, tx, position, seq, type, actor, at } = row;
      if (!isRoomKind(kind)) return [];
      const ref = { kind, id };
      const recorded = recordedOf(row, ref, unlocked.get(row.keyId ?? ""));
      return [{ org, ref, cursor: { tx, position }, recorded, seq, type, actor, at }];
    });
  };

  return {
    read: async ({ org, after, limit, wanted = () => true }) => {
      const rows = await select(org === null ? db : tenants(org), { org, after, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        entries: await entriesOf(page.filter(({ type }) => wanted(type))),
        next: last ? { tx: last.tx, position: last.position } : after,
        more: rows.length > limit,
      };
    },
    find: async (org, places) => {
      const { rows } = await sql<Row>`
        select ${columns} from unnest(
          ${places.map(({ ref }) => ref.kind)}::text[], ${places.map(({ ref }) => ref.id)}::text[],
          ${places.map(({ seq }) => seq)}::bigint[]
        ) as p(kind, id, seq)
        join journal j on j.kind = p.kind and j.id = p.id and j.seq = p.seq and j.org = ${org}
        left join room_owner o on o.kind = j.kind and o.id = j.id`.execute(tenants(org));
      return entriesOf(rows);
    },
    end: async () => {
      const { rows } = await sql<FeedCursor>`
        select tx::text as tx, position from journal j where j.tx < feed_horizon()
        order by j.tx desc, j.position desc limit 1`.execute(db);
      return rows[0] ?? feedStart;
    },
    news: async (after) => {
      const { rows } = await sql<FeedCursor & { readonly org: string }>`
        select org, tx::text as tx, position from journal j
        where ${isAfter(after)} and j.tx < feed_horizon()
        order by j.tx, j.position limit ${newsAtOnce}`.execute(db);
      const last = rows.at(-1);
      return {
        orgs: new Set(rows.map(({ org }) => org)),
        next: last ? { tx: last.tx, position: last.position } : after,
      };
    },
  };
}

const newsAtOnce = 2_000;

const columns = sql`
  j.org, j.kind, j.id, j.seq, j.tx::text as tx, j.position, j.type, j.version, j.actor, j.amends, j.at, j.payload,
  o.key_id as "keyId", exists (select from data_key k where k.id = o.key_id) as "keyKept"`;

async function select(
  db: Db,
  { org, after, limit }: { readonly org: string | null; readonly after: FeedCursor; readonly limit: number },
): Promise<Row[]> {
  const ofOrg = org === null ? sql`true` : sql`org = ${org}`;
  const { rows } = await sql<Row>`
    select ${columns}
    from (
      select * from journal
      where ${ofOrg} and ${isAfter(after)} and tx < feed_horizon()
      order by tx, position limit ${limit}
    ) j
    left join room_owner o on o.kind = j.kind and o.id = j.id
    order by j.tx, j.position`.execute(db);
  return rows;
}

/** Of a row of the journal. */
function isAfter({ tx, position }: FeedCursor) {
  return sql<SqlBool>`(tx, position) > (${tx}::xid8, ${position}::bigint)`;
}

/** null: it was destroyed meanwhile. */
async function found(keys: FeedParts["keys"], org: string, id: string): Promise<DataKey | null> {
  try {
    return await keys.get(org, id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "unavailable") return null;
    throw error;
  }
}
