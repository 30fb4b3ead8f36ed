import { sql } from "kysely";
import { type RoomRef, roomKey } from "../../domain/room.ts";
import { type DocumentKind, documentChanges } from "../../domain/search/documents.ts";
import { foldText } from "../../domain/search/fold.ts";
import { gramsOf } from "../../domain/search/grams.ts";
import type { Db } from "../database/database.ts";
import type { FeedEntry } from "../journal/feed.ts";
import type { Generation } from "./generations.ts";
import type { GramHash, GramHashes } from "./gram-hashes.ts";

/** What becomes of one text by the events of a batch, taken together. */
interface Pending {
  readonly entry: FeedEntry;
  readonly kind: DocumentKind;
  readonly seq: number;
  readonly what: "put" | "replace" | "extend" | "remove";
  readonly at: number | null;
  readonly sources: readonly number[];
  readonly grams: ReadonlySet<number>;
}

/** Whose rooms they are, as far as their keys are kept. */
type Subjects = ReadonlyMap<string, string | null>;

/**
 * Lets a build of the index follow some entries of the journal, in order. Texts of a room whose key is gone are taken out
 * of it. Each entry may come again: what it does is the same then.
 */
export async function indexEntries(
  tx: Db,
  generation: Generation,
  hashes: GramHashes,
  entries: readonly FeedEntry[],
): Promise<void> {
  const subjects = await subjectsOf(tx, entries);
  const pending = new Map<string, Pending>();
  const lost: FeedEntry[] = [];
  for (const entry of entries) {
    if (isAnew(entry)) {
      for (const [key, one] of pending)
        if (roomKey(one.entry.ref) === roomKey(entry.ref)) pending.delete(key);
      await removeBefore(tx, generation.id, entry);
    }
    if (subjects.has(roomKey(entry.ref)) && entry.recorded) {
      collect(pending, entry, hashes.of(generation, entry.org));
    } else lost.push(entry);
  }
  await removeLost(tx, generation.id, lost);
  const of = (what: Pending["what"]) => [...pending.values()].filter((one) => one.what === what);
  await remove(tx, generation.id, of("remove"));
  await put(tx, generation.id, of("put"), subjects);
  await amend(tx, generation.id, of("replace"));
  await amend(tx, generation.id, of("extend"));
}

/** A chat that begins again, under a new key: what was there before was erased. */
function isAnew({ ref, seq, type }: FeedEntry): boolean {
  return ref.kind === "chat" && type === "chat.created" && seq > 1;
}

async function removeBefore(tx: Db, generation: number, { ref, seq }: FeedEntry): Promise<void> {
  await tx
    .deleteFrom("search_doc")
    .where("generation", "=", generation)
    .where("room_kind", "=", ref.kind)
    .where("room", "=", ref.id)
    .where("seq", "<", seq)
    .execute();
}

function collect(pending: Map<string, Pending>, entry: FeedEntry, hash: GramHash): void {
  if (!entry.recorded) return;
  for (const change of documentChanges(entry.ref.kind, entry.recorded)) {
    const { what, kind, seq } = change;
    const key = `${roomKey(entry.ref)}/${kind}/${seq}`;
    const before = pending.get(key);
    const words = what === "remove" ? "" : change.words;
    const own = new Set([...gramsOf(foldText(words))].map(hash));
    const at = what === "put" || what === "extend" ? change.at : null;
    const fresh = { entry, kind, seq, what, at, sources: words === "" ? [] : [entry.seq], grams: own };
    pending.set(key, before ? combine(before, fresh) : fresh);
  }
}

/** Two changes of a text, one after the other, as one. */
function combine(before: Pending, after: Pending): Pending {
  if (after.what === "put" || after.what === "remove") return after;
  // What was removed is not there to be amended.
  if (before.what === "remove") return before;
  const { what, entry } = before;
  const at = after.at ?? before.at;
  if (after.what === "replace") return { ...after, entry, at, what: what === "put" ? "put" : "replace" };
  const sources = [...before.sources, ...after.sources];
  return { ...before, at, sources, grams: new Set([...before.grams, ...after.grams]) };
}

async function subjectsOf(tx: Db, entries: readonly FeedEntry[]): Promise<Subjects> {
  const rooms = new Map(entries.map(({ ref }) => [roomKey(ref), ref]));
  const { rows } = await sql<RoomRef & { readonly subject: string | null }>`
    select o.kind, o.id, case when k.scope = 'person' then k.subject end as subject
    from ${places([...rooms.values()])} as w(kind, id)
    join room_owner o on o.kind = w.kind and o.id = w.id
    join data_key k on k.id = o.key_id`.execute(tx);
  return new Map(rows.map(({ subject, ...ref }) => [roomKey(ref), subject]));
}

function places(refs: readonly RoomRef[]) {
  return sql`unnest(${refs.map(({ kind }) => kind)}::text[], ${refs.map(({ id }) => id)}::text[])`;
}

/** Texts that can be read no more: of these events, and of rooms without a key. */
async function removeLost(tx: Db, generation: number, lost: readonly FeedEntry[]): Promise<void> {
  if (lost.length === 0) return;
  await sql`
    delete from search_doc d
    using unnest(
      ${lost.map(({ ref }) => ref.kind)}::text[], ${lost.map(({ ref }) => ref.id)}::text[],
      ${lost.map(({ seq }) => seq)}::bigint[]
    ) as w(kind, id, seq)
    where d.generation = ${generation} and d.room_kind = w.kind and d.room = w.id and (
      w.seq = any (d.sources) or not exists (
        select from room_owner o join data_key k on k.id = o.key_id where o.kind = w.kind and o.id = w.id
      )
    )`.execute(tx);
}

function keysOf(pending: readonly Pending[]) {
  return sql`unnest(
    ${pending.map(({ entry }) => entry.ref.kind)}::text[], ${pending.map(({ entry }) => entry.ref.id)}::text[],
    ${pending.map(({ kind }) => kind)}::text[], ${pending.map(({ seq }) => seq)}::bigint[],
    ${pending.map(({ entry }) => entry.org)}::text[], ${pending.map(({ entry }) => entry.actor)}::text[],
    ${pending.map(({ at }) => at)}::bigint[], ${pending.map(({ sources }) => literal(sources))}::text[],
    ${pending.map(({ grams }) => literal([...grams]))}::text[]
  ) with ordinality as w(room_kind, room, kind, seq, org, author, at, sources, grams, n)`;
}

/** As PostgreSQL writes an array of numbers: lists of lists have to be of one length there. */
function literal(numbers: readonly number[]): string {
  return `{${numbers.join(",")}}`;
}

async function put(
  tx: Db,
  generation: number,
  pending: readonly Pending[],
  subjects: Subjects,
): Promise<void> {
  if (pending.length === 0) return;
  const owners = pending.map(({ entry }) => subjects.get(roomKey(entry.ref)) ?? null);
  await sql`
    insert into search_doc
      (generation, org, kind, room_kind, room, seq, author, subject, at, sources, grams)
    select ${generation}, w.org, w.kind, w.room_kind, w.room, w.seq, w.author, (${owners}::text[])[w.n], w.at,
      w.sources::bigint[], w.grams::int[]
    from ${keysOf(pending)}
    on conflict (generation, room_kind, room, kind, seq) do update
    set at = excluded.at, subject = excluded.subject, sources = excluded.sources, grams = excluded.grams`.execute(
    tx,
  );
}

async function amend(tx: Db, generation: number, pending: readonly Pending[]): Promise<void> {
  const [first] = pending;
  if (!first) return;
  const isReplaced = first.what === "replace";
  const sources = isReplaced ? sql`w.sources::bigint[]` : sql`d.sources || w.sources::bigint[]`;
  const grams = isReplaced
    ? sql`w.grams::int[]`
    : sql`array(select unnest(d.grams) union select unnest(w.grams::int[]))`;
  await sql`
    update search_doc d set sources = ${sources}, grams = ${grams}, at = coalesce(w.at, d.at)
    from ${keysOf(pending)}
    where d.generation = ${generation} and d.room_kind = w.room_kind and d.room = w.room and d.kind = w.kind
      and d.seq = w.seq`.execute(tx);
}

async function remove(tx: Db, generation: number, pending: readonly Pending[]): Promise<void> {
  if (pending.length === 0) return;
  await sql`
    delete from search_doc d using ${keysOf(pending)}
    where d.generation = ${generation} and d.room_kind = w.room_kind and d.room = w.room and d.kind = w.kind
      and d.seq = w.seq`.execute(tx);
}
