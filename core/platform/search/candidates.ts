import { sql } from "kysely";
import type { RoomKindName, RoomRef } from "../../domain/room.ts";
import type { DocumentKind } from "../../domain/search/documents.ts";
import type { Db } from "../database/database.ts";

/** A text that may be what is looked for: the index knows all that is wanted of it, and the reader may see it. */
export interface Candidate {
  readonly doc: number;
  readonly kind: DocumentKind;
  readonly ref: RoomRef;
  readonly seq: number;
  readonly author: string;
  /** Under whose key the room is. */
  readonly subject: string | null;
  readonly at: number;
  readonly sources: readonly number[];
}

/** A place in the order of candidates, newest first. */
export interface CandidatePlace {
  readonly at: number;
  readonly doc: number;
}

export interface CandidateQuery {
  readonly generation: number;
  readonly person: string;
  readonly grams: readonly number[];
  /** In rooms where the person is let in. */
  readonly kinds: readonly DocumentKind[];
  /** In the whole organisation. */
  readonly open: readonly DocumentKind[];
  readonly room: RoomRef | null;
  readonly author: string | null;
  /** Moments (ms), the second exclusive. */
  readonly since: number;
  readonly until: number;
  /** The first that may come; null: the newest. */
  readonly top: CandidatePlace | null;
  readonly limit: number;
}

const last = { at: Number.MAX_SAFE_INTEGER, doc: Number.MAX_SAFE_INTEGER };

interface Row extends Omit<Candidate, "ref"> {
  readonly room_kind: RoomKindName;
  readonly room: string;
}

/** Newest first. `tx` is the organisation's own. */
export async function findCandidates(tx: Db, query: CandidateQuery): Promise<Candidate[]> {
  const { generation, person, grams, kinds, open, room, author, since, until, limit } = query;
  const { at, doc } = query.top ?? last;
  const inRooms = kinds.filter((kind) => !open.includes(kind));
  const { rows } = await sql<Row>`
    select * from search_candidates(
      ${generation}, ${person}, ${grams}::int[], ${inRooms}::text[], ${open}::text[],
      ${room?.kind ?? null}, ${room?.id ?? null}, ${author}, ${since}, ${until}, ${at}, ${doc}, ${limit}
    )`.execute(tx);
  return rows.map(({ room_kind: kind, room: id, ...row }) => ({
    ...row,
    ref: { kind, id },
    sources: row.sources.map(Number),
  }));
}
