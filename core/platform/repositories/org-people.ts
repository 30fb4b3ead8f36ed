import { type ExpressionBuilder, sql } from "kysely";
import type { Role } from "../../domain/principal.ts";
import type { Tables } from "../database/tables.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Person } from "./people.ts";

export interface PeopleSearch {
  readonly org: string;
  /** Part of a name; empty: everyone. */
  readonly text: string;
  /** Whether `text` may also be part of a username. */
  readonly byUsername: boolean;
  /** Only people with one of these roles; null: any. */
  readonly roles: readonly Role[] | null;
  /** The last person of the page before. */
  readonly after: { readonly name: string; readonly id: string } | null;
  readonly limit: number;
}

/** The people of an organisation. Those of others are as if they were not there. */
export interface OrgPeople {
  /** The organisation's own name. */
  orgName(org: string): Promise<string | null>;
  find(org: string, id: string): Promise<Person | null>;
  /**
   * Display names of those of the ids that are people of this organisation and not disabled; with `having`,
   * only of those with one of these roles.
   */
  names(org: string, ids: readonly string[], having?: readonly Role[]): Promise<Map<string, string>>;
  /** The directory: everyone but guests, integrators and disabled people, in the order of name, then id. */
  search(search: PeopleSearch): Promise<Person[]>;
}

export const personColumns = ["id", "org", "username", "name", "roles", "demo", "disabled_at"] as const;

export function createOrgPeople(tenants: Tenants): OrgPeople {
  const peopleOf = (org: string) =>
    tenants(org).selectFrom("person").select(personColumns).where("org", "=", org);
  return {
    orgName: async (org) => {
      const row = await tenants(org)
        .selectFrom("org")
        .select("name")
        .where("id", "=", org)
        .executeTakeFirst();
      return row?.name ?? null;
    },
    find: async (org, id) => {
      const row = await peopleOf(org).where("id", "=", id).executeTakeFirst();
      return row ? toPerson(row) : null;
    },
    names: async (org, ids, having) => {
      if (ids.length === 0) return new Map();
      let query = tenants(org)
        .selectFrom("person")
        .select(["id", "name"])
        .where("org", "=", org)
        .where("id", "in", [...ids])
        .where("disabled_at", "is", null);
      if (having) query = query.where(sql<boolean>`roles && ${having}::text[]`);
      const rows = await query.execute();
      return new Map(rows.map((row) => [row.id, row.name]));
    },
    search: async (search) => {
      const rows = await peopleOf(search.org)
        .where("disabled_at", "is", null)
        // In the words of the directory's index.
        .where(sql<boolean>`not roles @> '{guest}'::text[]`)
        .where(sql<boolean>`not roles @> '{integrator}'::text[]`)
        .where((eb) => eb.and(filters(eb, search)))
        .orderBy(sql`name collate "C"`)
        .orderBy(sql`id collate "C"`)
        .limit(search.limit)
        .execute();
      return rows.map(toPerson);
    },
  };
}

function filters(eb: ExpressionBuilder<Tables, "person">, search: PeopleSearch) {
  const { text, byUsername, roles, after } = search;
  const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const named = eb("name", "ilike", pattern);
  return [
    ...(text === "" ? [] : [byUsername ? eb.or([named, eb("username", "ilike", pattern)]) : named]),
    ...(roles === null ? [] : [sql<boolean>`roles && ${[...roles]}::text[]`]),
    ...(after === null
      ? []
      : [sql<boolean>`(name collate "C", id collate "C") > (${after.name}, ${after.id})`]),
  ];
}

interface PersonRow {
  readonly id: string;
  readonly org: string;
  readonly username: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly demo: boolean;
  readonly disabled_at: number | null;
}

export function toPerson({ disabled_at, ...row }: PersonRow): Person {
  return { ...row, disabled: disabled_at !== null };
}
