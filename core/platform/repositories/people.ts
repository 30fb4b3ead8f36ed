import { type ExpressionBuilder, sql } from "kysely";
import type { Role } from "../../domain/principal.ts";
import type { Db } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

export interface Person {
  readonly id: string;
  readonly org: string;
  readonly username: string;
  /** As others see it. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly demo: boolean;
  readonly disabled: boolean;
}

export interface NewPerson extends Omit<Person, "disabled"> {
  /** PHC string; null: signs in elsewhere. */
  readonly password: string | null;
}

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

export interface PeopleRepository {
  ensureOrg(id: string, name: string): Promise<void>;
  orgName(id: string): Promise<string | null>;
  /** Adds a person unless the id or the username is taken. Returns whether it did. */
  add(person: NewPerson): Promise<boolean>;
  byId(id: string): Promise<Person | null>;
  byUsername(username: string): Promise<{ person: Person; password: string | null } | null>;
  /** Display names of those of the ids that are people of this organisation and not disabled. */
  names(org: string, ids: readonly string[]): Promise<Map<string, string>>;
  /** In the order of name, then id. */
  search(search: PeopleSearch): Promise<Person[]>;
  demo(): Promise<Person[]>;
  setPassword(id: string, password: string): Promise<void>;
  setDisabled(id: string, at: number | null): Promise<void>;
}

/** One way of writing a username: case, width and surrounding space do not tell people apart. */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").trim().toLowerCase();
}

const columns = ["id", "org", "username", "name", "roles", "demo", "disabled_at"] as const;

export function createPeopleRepository(db: Db): PeopleRepository {
  const people = db.selectFrom("person").select(columns);
  return {
    ensureOrg: async (id, name) => {
      await db
        .insertInto("org")
        .values({ id, name })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    orgName: async (id) => {
      const row = await db.selectFrom("org").select("name").where("id", "=", id).executeTakeFirst();
      return row?.name ?? null;
    },
    add: async ({ roles, username, ...person }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("person")
        .values({ ...person, username: usernameKey(username), roles: [...roles] })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    byId: async (id) => {
      const row = await people.where("id", "=", id).executeTakeFirst();
      return row ? toPerson(row) : null;
    },
    byUsername: async (username) => {
      const row = await people
        .select("password")
        .where("username", "=", usernameKey(username))
        .executeTakeFirst();
      return row ? { person: toPerson(row), password: row.password } : null;
    },
    names: async (org, ids) => {
      if (ids.length === 0) return new Map();
      const rows = await db
        .selectFrom("person")
        .select(["id", "name"])
        .where("org", "=", org)
        .where("id", "in", [...ids])
        .where("disabled_at", "is", null)
        .execute();
      return new Map(rows.map((row) => [row.id, row.name]));
    },
    search: async (search) => {
      const rows = await people
        .where("org", "=", search.org)
        .where("disabled_at", "is", null)
        .where((eb) => eb.and(filters(eb, search)))
        .orderBy(sql`name collate "C"`)
        .orderBy(sql`id collate "C"`)
        .limit(search.limit)
        .execute();
      return rows.map(toPerson);
    },
    demo: async () => {
      const rows = await people.where("demo", "=", true).where("disabled_at", "is", null).execute();
      return rows.map(toPerson);
    },
    setPassword: async (id, password) => {
      await db.updateTable("person").set({ password }).where("id", "=", id).execute();
    },
    setDisabled: async (id, at) => {
      await db.updateTable("person").set({ disabled_at: at }).where("id", "=", id).execute();
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
  readonly username: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly demo: boolean;
  readonly disabled_at: number | null;
}

function toPerson({ disabled_at, ...row }: PersonRow): Person {
  return { ...row, disabled: disabled_at !== null };
}
