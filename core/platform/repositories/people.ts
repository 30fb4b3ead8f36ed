import { type ExpressionBuilder, sql } from "kysely";
import type { Role } from "../../domain/principal.ts";
import type { Db } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

export interface Person {
  readonly id: string;
  readonly org: string;
  /** null: a guest, who has none. */
  readonly username: string | null;
  /** As others see it. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly demo: boolean;
  readonly disabled: boolean;
}

export interface NewPerson extends Omit<Person, "disabled"> {
  /** PHC string; null: signs in elsewhere, or is a guest. */
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
  /**
   * Display names of those of the ids that are people of this organisation and not disabled; with `having`,
   * only of those with one of these roles.
   */
  names(org: string, ids: readonly string[], having?: readonly Role[]): Promise<Map<string, string>>;
  /** The directory: everyone but guests, integrators and disabled people, in the order of name, then id. */
  search(search: PeopleSearch): Promise<Person[]>;
  demo(): Promise<Person[]>;
  setPassword(id: string, password: string): Promise<void>;
  setDisabled(id: string, at: number | null): Promise<void>;
  /**
   * Disables a guest for good, also one who is only added later: no session is opened for that id any more.
   * Returns whether there is such a guest; who is no guest stays as they are.
   */
  closeGuest(id: string, at: number): Promise<boolean>;
}

/** Whether this is a person of one visit only, who was invited to it. */
export function isGuest({ roles }: Pick<Person, "roles">): boolean {
  return roles.includes("guest");
}

/** One way of writing a username: case, width and surrounding space do not tell people apart. */
export function usernameKey(username: string): string {
  return username.normalize("NFKC").trim().toLowerCase();
}

/** In the words of the directory's index. */
const guest = sql<boolean>`roles @> '{guest}'::text[]`;
const columns = ["id", "org", "username", "name", "roles", "demo", "disabled_at"] as const;

export function createPeopleRepository(db: Db): PeopleRepository {
  const people = db.selectFrom("person").select(columns);
  const byId = async (id: string) => {
    const row = await people.where("id", "=", id).executeTakeFirst();
    return row ? toPerson(row) : null;
  };
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
        .values({
          ...person,
          username: username === null ? null : usernameKey(username),
          roles: [...roles],
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
    byId,
    byUsername: async (username) => {
      const row = await people
        .select("password")
        .where("username", "=", usernameKey(username))
        .executeTakeFirst();
      return row ? { person: toPerson(row), password: row.password } : null;
    },
    names: async (org, ids, having) => {
      if (ids.length === 0) return new Map();
      let query = db
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
      const rows = await people
        .where("org", "=", search.org)
        .where("disabled_at", "is", null)
        .where(sql<boolean>`not ${guest}`)
        .where(sql<boolean>`not roles @> '{integrator}'::text[]`)
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
    closeGuest: async (id, at) => {
      const person = await byId(id);
      if (person && !isGuest(person)) return false;
      // Committed first: a session that is being opened either sees this, or is waited for by the update.
      await db
        .insertInto("closed_guest")
        .values({ id, closed_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const { numUpdatedRows } = await db
        .updateTable("person")
        .set((eb) => ({ disabled_at: eb.fn.coalesce("disabled_at", eb.val(at)) }))
        .where("id", "=", id)
        .where(guest)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
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

function toPerson({ disabled_at, ...row }: PersonRow): Person {
  return { ...row, disabled: disabled_at !== null };
}
