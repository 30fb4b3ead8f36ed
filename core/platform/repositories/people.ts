import { sql } from "kysely";
import type { Role } from "../../domain/principal.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import { createOrgPeople, type OrgPeople, personColumns, toPerson } from "./org-people.ts";

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

/** People of all organisations, as the engine and signing in need them; and of one, for whoever asks in its name. */
export interface PeopleRepository extends OrgPeople {
  ensureOrg(id: string, name: string): Promise<void>;
  /** Adds a person unless the id or the username is taken. Returns whether it did. */
  add(person: NewPerson): Promise<boolean>;
  byId(id: string): Promise<Person | null>;
  byUsername(username: string): Promise<{ person: Person; password: string | null } | null>;
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

export function createPeopleRepository(db: Db, tenants: Tenants): PeopleRepository {
  const people = db.selectFrom("person").select(personColumns);
  const byId = async (id: string) => {
    const row = await people.where("id", "=", id).executeTakeFirst();
    return row ? toPerson(row) : null;
  };
  return {
    ...createOrgPeople(tenants),
    ensureOrg: async (id, name) => {
      await db
        .insertInto("org")
        .values({ id, name })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
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
