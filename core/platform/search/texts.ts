import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { type RoomRef, roomKey } from "../../domain/room.ts";
import { type DocumentKind, lines, wordsOf } from "../../domain/search/documents.ts";
import type { DataKey, DataKeys } from "../crypto/data-keys.ts";
import type { Db } from "../database/database.ts";
import { decodeEvent, type JournalEntry } from "../journal/codec.ts";
import type { Candidate } from "./candidates.ts";

/** Entries of the journal, by their place, still encrypted. */
export type SealedTexts = ReadonlyMap<string, SealedEntry>;

interface SealedEntry extends JournalEntry, RoomRef {
  readonly keyId: string;
  /** A message's latest text is elsewhere, or it was deleted. */
  readonly amendedBy: { readonly seq: number; readonly deleted: boolean } | null;
}

const placeOf = (ref: RoomRef, seq: number) => `${roomKey(ref)}/${seq}`;

/**
 * What the journal has of some candidates, in two queries however many they are. `tx` is the organisation's own. The index follows
 * the journal with a delay: what was edited or deleted since is known from the journal itself, and a key that is gone is not used,
 * also where it is still in memory.
 */
export async function readSealed(tx: Db, candidates: readonly Candidate[]): Promise<SealedTexts> {
  const wanted = candidates.flatMap(({ ref, kind, seq, sources }) =>
    sources.map((source) => ({ ref, source, message: kind === "message" || kind === "file" ? seq : 0 })),
  );
  const first = await select(tx, wanted);
  const texts = new Map(first.map((entry) => [placeOf(entry, entry.seq), entry]));
  const newer = wanted.flatMap(({ ref, source, message }) => {
    const amended = texts.get(placeOf(ref, source))?.amendedBy;
    return amended && !amended.deleted && amended.seq !== source
      ? [{ ref, source: amended.seq, message }]
      : [];
  });
  if (newer.length > 0) {
    for (const entry of await select(tx, newer)) texts.set(placeOf(entry, entry.seq), entry);
  }
  return texts;
}

async function select(
  tx: Db,
  wanted: readonly { readonly ref: RoomRef; readonly source: number; readonly message: number }[],
): Promise<SealedEntry[]> {
  const { rows } = await sql<
    Omit<SealedEntry, "amendedBy"> & { readonly edit: number | null; readonly deleted: boolean }
  >`
    select j.*, o.key_id as "keyId", a.edit, a.deleted
    from unnest(
      ${wanted.map(({ ref }) => ref.kind)}::text[], ${wanted.map(({ ref }) => ref.id)}::text[],
      ${wanted.map(({ source }) => source)}::bigint[], ${wanted.map(({ message }) => message)}::bigint[]
    ) as w(kind, id, seq, message)
    cross join lateral (
      select kind, id, seq, type, version, actor, amends, at, payload from journal j
      where j.kind = w.kind and j.id = w.id and j.seq = w.seq limit 1
    ) j
    cross join lateral (
      select key_id from room_owner o join data_key k on k.id = o.key_id
      where o.kind = w.kind and o.id = w.id limit 1
    ) o
    cross join lateral (
      select max(e.seq) filter (where e.type = 'chat.edited') as edit,
        coalesce(bool_or(e.type = 'chat.deleted'), false) as deleted
      from journal e where e.kind = w.kind and e.id = w.id and e.amends = w.message and w.message > 0
    ) a`.execute(tx);
  return rows.map(({ edit, deleted, ...entry }) => {
    const amendedBy = deleted ? { seq: 0, deleted } : edit === null ? null : { seq: edit, deleted };
    return { ...entry, amendedBy };
  });
}

/** The words of candidates as they are now; null: they cannot be read, or are not there, any more. */
export async function openTexts(
  org: string,
  sealed: SealedTexts,
  candidates: readonly Candidate[],
  keys: Pick<DataKeys, "get">,
): Promise<(string | null)[]> {
  const found = await keysOf(org, sealed, keys);
  return candidates.map((candidate) => textOf(candidate, sealed, found));
}

function textOf(
  { ref, kind, sources }: Candidate,
  sealed: SealedTexts,
  keys: ReadonlyMap<string, DataKey>,
): string | null {
  const words: string[] = [];
  for (const source of sources) {
    const indexed = sealed.get(placeOf(ref, source));
    if (!indexed || indexed.amendedBy?.deleted) return null;
    const latest = kind === "message" ? (indexed.amendedBy?.seq ?? source) : source;
    const entry = sealed.get(placeOf(ref, latest));
    const opened = entry && openWords(entry, kind, keys.get(entry.keyId));
    if (opened === undefined || opened === null) return null;
    words.push(opened);
  }
  return lines(words);
}

function openWords(entry: SealedEntry, kind: DocumentKind, key: DataKey | undefined): string | null {
  if (!key) return null;
  try {
    return wordsOf(kind, decodeEvent(key, entry, entry).event);
  } catch {
    return null;
  }
}

async function keysOf(
  org: string,
  sealed: SealedTexts,
  keys: Pick<DataKeys, "get">,
): Promise<ReadonlyMap<string, DataKey>> {
  const wanted = [...new Set([...sealed.values()].map(({ keyId }) => keyId))];
  const found = await Promise.all(
    wanted.map((id) =>
      keys.get(org, id).catch((error: unknown) => {
        if (error instanceof DomainError && error.code === "unavailable") return null;
        throw error;
      }),
    ),
  );
  return new Map(found.flatMap((key, i) => (key ? [[wanted[i] ?? "", key] as const] : [])));
}
