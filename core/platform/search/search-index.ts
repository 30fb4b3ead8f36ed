import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { DocumentKind } from "../../domain/search/documents.ts";
import { fold } from "../../domain/search/fold.ts";
import { matchText } from "../../domain/search/match.ts";
import { gramsOfQuery, type SearchQuery } from "../../domain/search/query.ts";
import { scoreOf } from "../../domain/search/score.ts";
import { highlightsOf, type Snippet, snippetOf } from "../../domain/search/snippet.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { Database } from "../database/database.ts";
import { type Candidate, type CandidatePlace, findCandidates } from "./candidates.ts";
import { liveGeneration } from "./generations.ts";
import type { GramHashes } from "./gram-hashes.ts";
import { openTexts, readSealed } from "./texts.ts";

/** What a reader looks for, and where they may. */
export interface IndexSearch {
  readonly org: string;
  readonly person: string;
  readonly query: SearchQuery;
  /** In the rooms where they are let in. */
  readonly kinds: readonly DocumentKind[];
  /** In the whole organisation. */
  readonly open: readonly DocumentKind[];
  readonly room: RoomRef | null;
  readonly author: string | null;
  /** Moments (ms), the second exclusive. */
  readonly since: number;
  readonly until: number;
  readonly after: SearchPlace | null;
  readonly limit: number;
  /** Now (ms). */
  readonly now: number;
}

/** Where a page begins: a window of candidates, and how many of its hits came before. */
export interface SearchPlace {
  readonly top: CandidatePlace | null;
  readonly skip: number;
}

export interface SearchHit extends Pick<Candidate, "kind" | "ref" | "seq" | "author" | "subject" | "at"> {
  readonly score: number;
  readonly snippet: Snippet;
}

export interface SearchPage {
  readonly items: readonly SearchHit[];
  /** null: that was the last. */
  readonly next: SearchPlace | null;
}

/** Looks up texts in what is indexed, and reads each before it says that it was found. */
export interface SearchIndex {
  /** Throws `unavailable` when it takes too long. */
  search(search: IndexSearch): Promise<SearchPage>;
}

export interface SearchIndexParts extends Pick<Database, "db" | "tenants"> {
  readonly keys: Pick<DataKeys, "get">;
  readonly hashes: GramHashes;
  /** So many of the newest candidates are ranked together. */
  readonly window?: number;
  /** For how long the database may look (ms). */
  readonly patience?: number;
}

/** Hits are put in their order within so many candidates; older ones come after them. */
export const usualWindow = 400;
/** Where so many windows in a row have nothing, the page is handed out as it is. */
const windowsAtOnce = 4;
const usualPatience = 2_000;

interface Hit extends Omit<SearchHit, "snippet"> {
  readonly text: string;
}

interface Window {
  readonly hits: readonly Hit[];
  readonly top: CandidatePlace | null;
  /** The first candidate of the next one; null: there is none. */
  readonly next: CandidatePlace | null;
}

export function createSearchIndex(parts: SearchIndexParts): SearchIndex {
  return {
    search: async (search) => {
      const live = await liveGeneration(parts.db);
      if (!live) return { items: [], next: null };
      return readPage(parts, live, search);
    },
  };
}

type Live = NonNullable<Awaited<ReturnType<typeof liveGeneration>>>;

async function readPage(parts: SearchIndexParts, live: Live, search: IndexSearch): Promise<SearchPage> {
  const items: SearchHit[] = [];
  let place = search.after ?? { top: null, skip: 0 };
  for (let windows = 0; windows < windowsAtOnce; windows += 1) {
    const { hits, top, next } = await readWindow(parts, live, search, place.top);
    const shown = hits.slice(place.skip, place.skip + search.limit - items.length);
    items.push(...shown.map((hit) => show(hit, search.query)));
    const seen = place.skip + shown.length;
    if (seen < hits.length) return { items, next: { top, skip: seen } };
    if (next === null) return { items, next: null };
    place = { top: next, skip: 0 };
    if (items.length >= search.limit) break;
  }
  return { items, next: place };
}

async function readWindow(
  { tenants, keys, hashes, window = usualWindow, patience = usualPatience }: SearchIndexParts,
  live: Live,
  search: IndexSearch,
  top: CandidatePlace | null,
): Promise<Window> {
  const hash = hashes.of(live, search.org);
  const grams = [...new Set([...gramsOfQuery(search.query)].map(hash))];
  const { found, sealed } = await withinTime(() =>
    tenants(search.org)
      .transaction()
      .execute(async (tx) => {
        await sql`select set_config('statement_timeout', ${String(patience)}, true)`.execute(tx);
        const found = await findCandidates(tx, {
          ...search,
          generation: live.id,
          grams,
          top,
          limit: window + 1,
        });
        return { found, sealed: await readSealed(tx, found.slice(0, window)) };
      }),
  );
  const candidates = found.slice(0, window);
  const texts = await openTexts(search.org, sealed, candidates, keys);
  const hits = candidates.flatMap((candidate, i) => hitOf(candidate, texts[i] ?? null, search) ?? []);
  const beyond = found[window];
  return {
    hits: hits.sort((a, b) => b.score - a.score || b.at - a.at),
    top: top ?? placeOf(candidates[0]),
    next: placeOf(beyond),
  };
}

function hitOf({ doc: _, sources: _from, ...place }: Candidate, text: string | null, search: IndexSearch) {
  const folded = text === null ? null : fold(text);
  const match = folded && matchText(folded, search.query);
  if (text === null || !folded || !match) return null;
  const score = scoreOf({ text: folded.text, match, at: place.at }, search.query, search.now);
  return { ...place, text, score };
}

function show({ text, ...hit }: Hit, query: SearchQuery): SearchHit {
  const folded = fold(text);
  const match = matchText(folded, query);
  return { ...hit, snippet: snippetOf(text, match ? highlightsOf(text, folded, match) : []) };
}

function placeOf(candidate: Candidate | undefined): CandidatePlace | null {
  return candidate ? { at: candidate.at, doc: candidate.doc } : null;
}

const canceled = "57014";

async function withinTime<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const isLate = typeof cause === "object" && cause !== null && "code" in cause && cause.code === canceled;
    if (isLate) {
      throw new DomainError(
        "unavailable",
        "The search took too long. Look for longer words, or in one room.",
        {
          cause,
        },
      );
    }
    throw cause;
  }
}
