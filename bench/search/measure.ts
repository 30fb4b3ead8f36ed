import { parseQuery } from "../../core/domain/search/query.ts";
import { decodeEvent } from "../../core/platform/journal/codec.ts";
import { createSearchIndex, type SearchPlace, usualWindow } from "../../core/platform/search/search-index.ts";
import { percentile } from "../statistics.ts";
import { type Asked, asked, isFound, plain } from "./queries.ts";
import { org, type Reader, type World } from "./world.ts";

export interface Figures {
  readonly kind: string;
  readonly q: string;
  readonly rooms: number;
  /** Texts that are to be found. */
  readonly hits: number;
  /** Of those, the share that was found; of what was found, the share that is one of those. 1 where there is nothing. */
  readonly recall: number;
  readonly precision: number;
  /** Of a first page (ms). */
  readonly p50: number;
  readonly p95: number;
  readonly times: readonly number[];
}

export interface Measured {
  readonly figures: readonly Figures[];
  /** How long a plain look at everything that a reader may read takes (ms), by how many rooms that is. */
  readonly scans: Readonly<Record<number, readonly number[]>>;
}

const pageSize = 50;
/** Where every hit is wanted, more are ranked together: which are found does not depend on it. */
const everyPage = 4_000;

type Search = ReturnType<typeof searchOf>;

function searchOf({ database, keys, hashes, until }: World, window: number) {
  const index = createSearchIndex({ ...database, keys, hashes, window, patience: 30_000 });
  return (q: string, { person }: Reader, after: SearchPlace | null, limit: number) =>
    index.search({
      ...{ org, person, query: parseQuery(q), kinds: ["message"], open: [], room: null, author: null },
      ...{ since: 0, until: Number.MAX_SAFE_INTEGER, after, limit, now: until },
    });
}

/** Each reader's queries in turn with plain looks, over and over; then every page of each query, once. */
export async function measure(world: World, rounds: number, say: (text: string) => void): Promise<Measured> {
  const search = searchOf(world, usualWindow);
  const thorough = searchOf(world, everyPage);
  const times = new Map<string, number[]>();
  const scans: Record<number, number[]> = {};
  const truths = new Map<string, Set<string>>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const reader of world.readers) {
      // The first round is for warming up. A plain look answers every query at once: it is the reading that takes time.
      const scanned = round < 3 ? await scan(world, reader) : null;
      if (scanned && round > 0) scans[reader.rooms] = [...(scans[reader.rooms] ?? []), scanned.ms];
      for (const each of asked) {
        const name = nameOf(each, reader);
        if (scanned && round === 0) truths.set(name, scanned.found.get(each.q) ?? new Set());
        const ms = await timed(() => search(each.q, reader, null, pageSize));
        if (round > 0) times.set(name, [...(times.get(name) ?? []), ms]);
      }
    }
    say(round === 0 ? "warmed up" : `round ${round} of ${rounds} done`);
  }
  const figures: Figures[] = [];
  for (const reader of world.readers) {
    for (const each of asked) {
      const name = nameOf(each, reader);
      const truth = truths.get(name) ?? new Set();
      const found = await findAll(thorough, each.q, reader);
      figures.push(figuresOf(each, reader, truth, found, times.get(name) ?? []));
    }
  }
  return { figures, scans };
}

const nameOf = ({ q }: Asked, { rooms }: Reader) => `${q}/${rooms}`;

async function timed(run: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await run();
  return performance.now() - since;
}

async function findAll(search: Search, q: string, reader: Reader): Promise<string[]> {
  const found: string[] = [];
  let after: SearchPlace | null = null;
  do {
    const page: Awaited<ReturnType<Search>> = await search(q, reader, after, everyPage);
    found.push(...page.items.map(({ ref, seq }) => `${ref.id}/${seq}`));
    after = page.next;
  } while (after);
  return found;
}

function figuresOf(
  { kind, q }: Asked,
  { rooms }: Reader,
  truth: ReadonlySet<string>,
  found: readonly string[],
  times: readonly number[],
): Figures {
  const right = found.filter((place) => truth.has(place)).length;
  const sorted = [...times].sort((a, b) => a - b);
  return {
    kind,
    q,
    rooms,
    hits: truth.size,
    recall: truth.size === 0 ? 1 : new Set(found).size === found.length ? right / truth.size : Number.NaN,
    precision: found.length === 0 ? 1 : right / found.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    times: sorted,
  };
}

/** Decrypts everything that the reader may read, and looks at it. */
async function scan({ database, keys }: World, { person }: Reader) {
  const since = performance.now();
  const found = new Map(asked.map(({ q }) => [q, new Set<string>()]));
  let looking = 0;
  let made = 0;
  const rooms = await database.db
    .selectFrom("room_member as m")
    .innerJoin("room_owner as o", (join) => join.onRef("o.kind", "=", "m.kind").onRef("o.id", "=", "m.id"))
    .select(["m.id", "o.key_id"])
    .where("m.person", "=", person)
    .execute();
  for (let n = 0; n < rooms.length; n += 50) {
    const some = new Map(rooms.slice(n, n + 50).map(({ id, key_id }) => [id, key_id]));
    const rows = await database
      .tenants(org)
      .selectFrom("journal")
      .select(["id", "seq", "type", "version", "actor", "amends", "at", "payload"])
      .where("kind", "=", "chat")
      .where("id", "in", [...some.keys()])
      .where("type", "=", "chat.message")
      .execute();
    for (const row of rows) {
      const key = await keys.get(org, some.get(row.id) ?? "");
      const { event } = decodeEvent(key, { kind: "chat", id: row.id }, row);
      const body = "body" in event ? String(event.body) : "";
      const before = performance.now();
      const looked = plain(body);
      made += performance.now() - before;
      for (const each of asked) if (isFound(looked, each)) found.get(each.q)?.add(`${row.id}/${row.seq}`);
      looking += performance.now() - before;
    }
  }
  // One query's look, not those of all.
  const one = made + (looking - made) / asked.length;
  return { found, ms: performance.now() - since - looking + one };
}
