import { sql } from "kysely";
import type { Role } from "../../domain/principal.ts";
import { type Folded, fold } from "../../domain/search/fold.ts";
import { matchText } from "../../domain/search/match.ts";
import type { SearchQuery } from "../../domain/search/query.ts";
import { scoreOf } from "../../domain/search/score.ts";
import { highlightsOf, type Snippet, snippetOf } from "../../domain/search/snippet.ts";
import type { Tenants } from "../database/tenants.ts";

export interface PersonHit {
  readonly person: string;
  readonly roles: readonly Role[];
  readonly score: number;
  readonly snippet: Snippet;
}

export interface PeopleSearch {
  /** The best first. */
  search(search: {
    readonly org: string;
    readonly query: SearchQuery;
    /** Whether usernames are looked at, and shown, too. */
    readonly byUsername: boolean;
    /** Only people with one of these roles; null: any. */
    readonly roles: readonly Role[] | null;
    readonly limit: number;
  }): Promise<readonly PersonHit[]>;
}

const peopleAtOnce = 2_000;
/** Of an organisation with more people, the first in the order of their ids are found. */
const peopleLimit = 50_000;
const rememberedNames = 50_000;

/**
 * Names are not encrypted and people are few beside messages: each is looked at. So people are found as they are at this
 * moment, by kana and width of any kind.
 */
export function createPeopleSearch(tenants: Tenants): PeopleSearch {
  const names = new Map<string, Folded>();
  const folded = (name: string): Folded => {
    const before = names.get(name);
    if (before) return before;
    if (names.size >= rememberedNames) names.clear();
    const made = fold(name);
    names.set(name, made);
    return made;
  };

  return {
    search: async ({ org, query, byUsername, roles, limit }) => {
      const hits: PersonHit[] = [];
      let after = "";
      for (let seen = 0; seen < peopleLimit; seen += peopleAtOnce) {
        const rows = await page(tenants, org, roles, after);
        for (const { id, name, username, roles: have } of rows) {
          const text = byUsername && username !== null ? `${name} @${username}` : name;
          const match = matchText(folded(text), query);
          if (!match) continue;
          const score = scoreOf({ text: folded(text).text, match, at: 0 }, query, 0);
          hits.push({
            person: id,
            roles: have,
            score,
            snippet: snippetOf(text, highlightsOf(text, folded(text), match)),
          });
        }
        if (rows.length < peopleAtOnce) break;
        after = rows.at(-1)?.id ?? after;
      }
      return hits.sort((a, b) => b.score - a.score).slice(0, limit);
    },
  };
}

/** Everyone but guests and disabled people, in the order of their ids. */
function page(tenants: Tenants, org: string, roles: readonly Role[] | null, after: string) {
  let query = tenants(org)
    .selectFrom("person")
    .select(["id", "name", "username", "roles"])
    .where("org", "=", org)
    .where("disabled_at", "is", null)
    .where(sql<boolean>`not roles @> '{guest}'::text[]`)
    .where("id", ">", after);
  if (roles) query = query.where(sql<boolean>`roles && ${[...roles]}::text[]`);
  return query.orderBy("id").limit(peopleAtOnce).execute();
}
