import { sql } from "kysely";
import type { Anchor, ChainedEntry, Checkpoint, Seal } from "../../domain/audit/chain.ts";
import type { Db } from "../database/database.ts";

/** How far an organisation's audit is chained. */
export interface ChainHead {
  readonly n: number;
  readonly hash: string;
  /** Of the last entry. */
  readonly tx: string;
  readonly entry: number;
}

/** An organisation with entries, and what waits to be sealed. */
export interface ChainStanding {
  readonly org: string;
  /** null: nothing is sealed yet. */
  readonly head: ChainHead | null;
  /** The time of the first unsealed entry (ms since the epoch); null: there is none. */
  readonly oldest: number | null;
  /** null: there is none yet. */
  readonly checkpoint: Pick<Checkpoint, "n" | "at"> | null;
}

/** What the database has of the audit's chains. */
export interface AuditChain {
  /** Every organisation with entries, entries of transactions that may still be under way left out. */
  standing(): Promise<ChainStanding[]>;
  /** Every organisation, and whose audit was ever sealed, also where its entries are gone. */
  orgs(): Promise<string[]>;
  /** In the order of their commits, so far as nothing can come in between any more. */
  unsealed(org: string, head: ChainHead | null, limit: number): Promise<ChainedEntry[]>;
  /**
   * Adds links in one statement, provided that the head is still the one that they follow; returns whether it did. `head` is null
   * where nothing was sealed.
   */
  seal(org: string, head: ChainHead | null, links: readonly Seal[], last: ChainHead): Promise<boolean>;
  links(org: string, after: number, limit: number): Promise<LinkedEntry[]>;
  /** The place of the last entry that says that it is older than a time; 0: there is none. */
  placeBefore(org: string, time: number): Promise<number>;
  /** Entries without a seal, whatever their transaction. */
  strays(org: string, after: number, limit: number): Promise<ChainedEntry[]>;
  /** Returns false where there is one at its place already. */
  addCheckpoint(checkpoint: Checkpoint): Promise<boolean>;
  checkpoints(org: string): Promise<Checkpoint[]>;
  /** Those that are not kept outside yet, in order. */
  unkept(limit: number): Promise<Checkpoint[]>;
  markKept(org: string, n: number, at: number): Promise<void>;
  /** Those after a place that were made before a time and are kept outside, in order, without the newest of all. */
  agedCheckpoints(
    org: string,
    from: { readonly after: number; readonly time: number; readonly limit: number },
  ): Promise<Checkpoint[]>;
  /** Where the chain begins since something went by retention, in order: usually none, or one. */
  anchors(org: string): Promise<Anchor[]>;
  /** Adds it, and removes every entry up to it, in one transaction; returns how many: 0 where another process was faster. */
  forget(anchor: Anchor): Promise<number>;
  unkeptAnchors(limit: number): Promise<Anchor[]>;
  markAnchorKept(org: string, n: number, at: number): Promise<void>;
}

export interface LinkedEntry {
  readonly seal: Seal;
  /** null: it is not there. */
  readonly entry: ChainedEntry | null;
}

const columns = ["id", "tx", "org", "at", "actor", "action", "kind", "room", "subject", "detail"] as const;
const checkpointColumns = ["org", "n", "hash", "at", "previous", "segment", "kid", "signature"] as const;
/** No more entries than that are committed before one that says that it is older. */
const latest = 1_000;
const anchorColumns = ["org", "n", "hash", "at", "before", "kid", "signature"] as const;
const settled = sql<boolean>`tx < feed_horizon()`;

export function createAuditChain(db: Db): AuditChain {
  return {
    standing: async () => {
      // From one organisation to the next in the index, whatever number of entries each has.
      const { rows } = await sql<{
        org: string;
        n: number | null;
        hash: string;
        tx: string;
        entry: number;
        oldest: number | null;
        c_n: number | null;
        c_at: number;
      }>`
        with recursive orgs as (
          (select org from audit_entry order by org limit 1)
          union all
          select (select e.org from audit_entry e where e.org > orgs.org order by e.org limit 1)
          from orgs where orgs.org is not null
        )
        select o.org, h.n, h.hash, h.tx, h.entry, c.n as c_n, c.at as c_at, (
          select e.at from audit_entry e
          where e.org = o.org and (e.tx, e.id) > (coalesce(h.tx, '0'::xid8), coalesce(h.entry, 0)) and ${settled}
          order by e.tx, e.id limit 1
        ) as oldest
        from orgs o
        left join audit_head h on h.org = o.org
        left join lateral (
          select n, at from audit_checkpoint c where c.org = o.org order by n desc limit 1
        ) c on true
        where o.org is not null`.execute(db);
      return rows.map(({ org, n, hash, tx, entry, oldest, c_n, c_at }) => ({
        org,
        head: n === null ? null : { n, hash, tx, entry },
        oldest,
        checkpoint: c_n === null ? null : { n: c_n, at: c_at },
      }));
    },
    orgs: async () => {
      const { rows } = await sql<{ org: string }>`
        select id as org from org union select org from audit_head union select org from audit_checkpoint
        order by org`.execute(db);
      return rows.map(({ org }) => org);
    },
    unsealed: (org, head, limit) =>
      db
        .selectFrom("audit_entry")
        .select(columns)
        .where("org", "=", org)
        .where(sql<boolean>`(tx, id) > (${head?.tx ?? "0"}::xid8, ${head?.entry ?? 0})`)
        .where(settled)
        .orderBy("tx")
        .orderBy("id")
        .limit(limit)
        .execute(),
    seal: async (org, head, links, last) => {
      const moved = head
        ? sql`update audit_head set n = ${last.n}, hash = ${last.hash}, tx = ${last.tx}::xid8, entry = ${last.entry}
              where org = ${org} and n = ${head.n} and hash = ${head.hash} returning org`
        : sql`insert into audit_head (org, n, hash, tx, entry)
              values (${org}, ${last.n}, ${last.hash}, ${last.tx}::xid8, ${last.entry})
              on conflict (org) do nothing returning org`;
      const { rows } = await sql<{ n: number }>`
        with moved as (${moved})
        insert into audit_seal (org, n, entry, hash)
        select moved.org, l.n, l.entry, l.hash
        from moved, unnest(
          ${links.map(({ n }) => n)}::bigint[], ${links.map(({ entry }) => entry)}::bigint[],
          ${links.map(({ hash }) => hash)}::text[]
        ) as l(n, entry, hash)
        returning n`.execute(db);
      return rows.length > 0;
    },
    links: async (org, after, limit) => {
      const { rows } = await sql<{ n: number; entry: number; hash: string } & Nullable<ChainedEntry>>`
        select s.n, s.entry, s.hash, e.id, e.tx, e.org, e.at, e.actor, e.action, e.kind, e.room, e.subject, e.detail
        from audit_seal s left join audit_entry e on e.id = s.entry and e.org = s.org
        where s.org = ${org} and s.n > ${after}
        order by s.n limit ${limit}`.execute(db);
      return rows.map(({ n, entry, hash, ...row }) => ({ seal: { n, entry, hash }, entry: entryOf(row) }));
    },
    placeBefore: async (org, time) => {
      // Of all entries before it, it is among the latest: whatever number there is, few are looked at.
      const { rows } = await sql<{ n: number | null }>`
        select case
          when not exists (select from audit_entry where org = ${org} and at < ${time}) then 0
          when not exists (select from audit_entry where org = ${org} and at >= ${time}) then last.n
          else coalesce((
            select max(s.n) from (
              select id from audit_entry where org = ${org} and at < ${time} order by at desc, id desc limit ${latest}
            ) e join audit_seal s on s.org = ${org} and s.entry = e.id
          ), last.n)
        end as n
        from (select max(n) as n from audit_seal where org = ${org}) last`.execute(db);
      return rows[0]?.n ?? 0;
    },
    strays: (org, after, limit) =>
      db
        .selectFrom("audit_entry as e")
        .select(columns.map((name) => `e.${name}` as const))
        .where("e.org", "=", org)
        .where("e.id", ">", after)
        .where(sql<boolean>`not exists (select from audit_seal s where s.org = e.org and s.entry = e.id)`)
        .orderBy("e.id")
        .limit(limit)
        .execute(),
    addCheckpoint: async (checkpoint) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("audit_checkpoint")
        .values({ ...checkpoint, kept_at: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    checkpoints: (org) =>
      db
        .selectFrom("audit_checkpoint")
        .select(checkpointColumns)
        .where("org", "=", org)
        .orderBy("n")
        .execute(),
    unkept: (limit) =>
      db
        .selectFrom("audit_checkpoint")
        .select(checkpointColumns)
        .where("kept_at", "is", null)
        .orderBy("org")
        .orderBy("n")
        .limit(limit)
        .execute(),
    markKept: async (org, n, at) => {
      await db
        .updateTable("audit_checkpoint")
        .set({ kept_at: at })
        .where("org", "=", org)
        .where("n", "=", n)
        .execute();
    },
    ...anchorsIn(db),
  };
}

function anchorsIn(
  db: Db,
): Pick<AuditChain, "agedCheckpoints" | "anchors" | "forget" | "unkeptAnchors" | "markAnchorKept"> {
  const anchors = () => db.selectFrom("audit_anchor").select(anchorColumns).orderBy("org").orderBy("n");
  return {
    agedCheckpoints: (org, { after, time, limit }) =>
      db
        .selectFrom("audit_checkpoint")
        .select(checkpointColumns)
        .where("org", "=", org)
        .where("n", ">", after)
        .where("at", "<", time)
        .where("kept_at", "is not", null)
        .where(sql<boolean>`n < (select max(n) from audit_checkpoint where org = ${org})`)
        .orderBy("n")
        .limit(limit)
        .execute(),
    anchors: (org) => anchors().where("org", "=", org).execute(),
    forget: (anchor) =>
      db.transaction().execute(async (tx) => {
        const added = await tx
          .insertInto("audit_anchor")
          .values({ ...anchor, kept_at: null })
          .onConflict((conflict) => conflict.doNothing())
          .returning("n")
          .executeTakeFirst();
        if (!added) return 0;
        const { rows } = await sql<{ gone: number }>`
          select audit_forget(${anchor.org}, ${anchor.n}) as gone`.execute(tx);
        return rows[0]?.gone ?? 0;
      }),
    unkeptAnchors: (limit) => anchors().where("kept_at", "is", null).limit(limit).execute(),
    markAnchorKept: async (org, n, at) => {
      await db
        .updateTable("audit_anchor")
        .set({ kept_at: at })
        .where("org", "=", org)
        .where("n", "=", n)
        .execute();
    },
  };
}

type Nullable<T> = { readonly [name in keyof T]: T[name] | null };

function entryOf({ id, tx, org, at, actor, action, ...rest }: Nullable<ChainedEntry>): ChainedEntry | null {
  if (id === null || tx === null || org === null || at === null || actor === null || action === null)
    return null;
  return { id, tx, org, at, actor, action, ...rest };
}
