import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { hasRole, type Principal, type Role } from "../../../core/domain/principal.ts";
import type { DocumentKind } from "../../../core/domain/search/documents.ts";
import { gramsOfQuery, parseQuery, type SearchQuery } from "../../../core/domain/search/query.ts";
import type { PersonHit } from "../../../core/platform/search/people-search.ts";
import type { SearchHit } from "../../../core/platform/search/search-index.ts";
import {
  groupsIn,
  roomAt,
  type SearchGroup,
  type SearchItem,
  searchQuery,
  searchResults,
} from "../../../core/protocol/rest-search.ts";
import { type Context, endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";

const place = z.strictObject({
  top: z.strictObject({ at: z.int(), doc: z.int() }).nullable(),
  skip: z.int().min(0),
});
const groupOf: Readonly<Record<DocumentKind, SearchGroup>> = {
  message: "messages",
  file: "files",
  chat: "rooms",
  queue: "rooms",
  visit: "visits",
};
/** As in the list of people: staff see everyone, and everyone sees staff. */
const staff: readonly Role[] = ["clinician", "desk", "admin"];
const peopleShown = 20;

type Asked = z.output<typeof searchQuery>;

export const search = endpoint({
  id: "search",
  method: "get",
  path: "/v1/search",
  tag: "search",
  summary: "Find messages, people, visits, files and rooms",
  description:
    "Blanks stand between words, all of which have to be there; quotes keep a phrase together; a minus before a word " +
    "excludes it. Width, case and kind of kana do not matter. Words of scripts with blanks are found by their beginnings, others " +
    "anywhere. Found is what you may read now: in rooms where you are let in, visits for whom lists show them, people as in their list. The newest " +
    "hits are ranked first; pass `next` back as `after` for older ones. Every search is recorded, without its words.",
  limited: true,
  input: { query: searchQuery },
  reply: searchResults,
  errors: ["forbidden", "busy", "unavailable"],
  reads: { action: "search.query", itself: true },
  handle: async ({ query: asked }, context) => {
    const { principal, search } = context;
    if (!can(principal, "search.query", { org: principal.org })) throw new DomainError("forbidden");
    const query = parseQuery(asked.q);
    if (gramsOfQuery(query).size === 0) {
      throw new DomainError("invalid_payload", "q: write at least two characters, one kanji, or a word.");
    }
    const indexedUpTo = await search.indexedUpTo();
    const people = await findPeople(query, asked, context);
    const page = await findTexts(query, asked, context);
    await recordSearch(context, page.items, people);
    const items = [...people.map(presentPerson), ...page.items.map(presentHit)];
    return { items, next: page.next && encodeCursor(page.next), indexedUpTo };
  },
});

async function findTexts(query: SearchQuery, asked: Asked, { principal, search }: Context<Principal>) {
  const { org, id: person } = principal;
  const groups = groupsIn(asked.in);
  const wanted = (kind: DocumentKind) => groups.has(groupOf[kind]);
  const open: DocumentKind[] = [];
  if (can(principal, "visit.listAll", { org })) open.push("visit");
  if (can(principal, "queue.list", { org })) open.push("queue");
  const kinds = (["message", "file", "chat", "queue", "visit"] as const).filter(wanted);
  if (kinds.length === 0) return { items: [], next: null };
  return search.texts({
    org,
    person,
    query,
    kinds,
    open: open.filter(wanted),
    room: roomAt(asked.room),
    author: asked.from ?? null,
    since: asked.since ?? 0,
    until: asked.until ?? Number.MAX_SAFE_INTEGER,
    after: decodeCursor(place, asked.after) ?? null,
    limit: asked.limit,
    now: Date.now(),
  });
}

/** On the first page, before everything else; where something of messages alone is asked for, there are none. */
async function findPeople(
  query: SearchQuery,
  { in: groups, room, from, since, until, after }: Asked,
  { principal, search }: Context<Principal>,
): Promise<readonly PersonHit[]> {
  const { org } = principal;
  const narrowed = [room, from, since, until, after].some((given) => given !== undefined);
  if (narrowed || !groupsIn(groups).has("people") || !can(principal, "people.list", { org })) return [];
  const seesAll = hasRole(principal, ...staff);
  const roles = seesAll ? null : staff;
  return search.people({ org, query, byUsername: seesAll, roles, limit: peopleShown });
}

/**
 * Before anything is shown: one entry for each person who is shown or whose rooms are, and one for the rest. Who a member of staff is, is
 * none, as in the list of people.
 */
async function recordSearch(
  { trace }: Context<Principal>,
  hits: readonly SearchHit[],
  people: readonly PersonHit[],
): Promise<void> {
  const texts = Map.groupBy(hits, ({ subject }) => subject);
  const isOfStaff = ({ roles }: PersonHit): boolean => roles.some((role) => staff.includes(role));
  const shown = new Set(people.flatMap((one) => (isOfStaff(one) ? [] : [one.person])));
  const subjects = new Set([...texts.keys(), ...shown].filter((subject) => subject !== null));
  await trace([
    { detail: { texts: texts.get(null)?.length ?? 0, people: people.length - shown.size } },
    ...[...subjects].map((subject) => ({
      subject,
      detail: { texts: texts.get(subject)?.length ?? 0, people: shown.has(subject) ? 1 : 0 },
    })),
  ]);
}

function presentHit({ kind, ref, seq, author, at, score, snippet }: SearchHit): SearchItem {
  const isMessage = seq > 0;
  return {
    in: groupOf[kind],
    room: { kind: ref.kind, id: ref.id },
    seq: isMessage ? seq : null,
    person: isMessage ? author : null,
    at,
    score,
    snippet: { text: snippet.text, highlights: [...snippet.highlights] },
  };
}

function presentPerson({ person, score, snippet: { text, highlights } }: PersonHit): SearchItem {
  const snippet = { text, highlights: [...highlights] };
  return { in: "people", room: null, seq: null, person, at: null, score, snippet };
}
