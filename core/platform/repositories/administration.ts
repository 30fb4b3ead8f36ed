import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { Role } from "../../domain/principal.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import { personColumns, toPerson } from "./org-people.ts";
import { type NewPerson, type Person, usernameKey } from "./people.ts";

export interface ManagedPerson extends Person {
  /** Grows with every change that an administrator makes. */
  readonly revision: number;
}

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
}

export interface PersonChange {
  readonly name?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  /** Since when (ms since the epoch); null: not. */
  readonly disabledAt?: number | null | undefined;
}

/** The revisions of which a change may be made; null: any. */
type Allowed = readonly string[] | null;

/** What administrators do with their own organisation and its people. Those of others are as if they were not there. */
export interface Administration {
  person(org: string, id: string): Promise<ManagedPerson | null>;
  /** Throws `already_exists` where the username is taken, also in another organisation. */
  add(person: NewPerson): Promise<ManagedPerson>;
  /** null: no such person. Throws `precondition_failed`, and `last_administrator` where nobody else would be one. */
  change(org: string, id: string, allowed: Allowed, change: PersonChange): Promise<ManagedPerson | null>;
  /** A hash. False: there is no such person, or they do not sign in here. */
  setPassword(org: string, id: string, password: string): Promise<boolean>;
  organisation(org: string): Promise<Organisation | null>;
  /** null: it is not known. Throws `precondition_failed`. */
  rename(org: string, allowed: Allowed, name: string): Promise<Organisation | null>;
}

const columns = [...personColumns, "revision"] as const;

export function createAdministration(tenants: Tenants): Administration {
  return {
    person: async (org, id) => {
      const row = await tenants(org)
        .selectFrom("person")
        .select(columns)
        .where("org", "=", org)
        .where("id", "=", id)
        .executeTakeFirst();
      return row ? toManaged(row) : null;
    },
    add: async ({ username, roles, ...person }) => {
      const row = await tenants(person.org)
        .insertInto("person")
        .values({
          ...person,
          username: username === null ? null : usernameKey(username),
          roles: [...roles],
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(columns)
        .executeTakeFirst();
      if (!row) throw new DomainError("already_exists", "This user name is taken. Choose another one.");
      return toManaged(row);
    },
    change: (org, id, allowed, { name, roles, disabledAt }) =>
      tenants(org)
        .transaction()
        .execute(async (tx) => {
          const others = await lockAdministrators(tx, org, id);
          const row = await tx
            .selectFrom("person")
            .select(columns)
            .where("org", "=", org)
            .where("id", "=", id)
            .forUpdate()
            .executeTakeFirst();
          if (!row) return null;
          assertAllowed(allowed, row.revision);
          const before = toManaged(row);
          const after = {
            name: name ?? before.name,
            roles: [...(roles ?? before.roles)],
            disabled_at: disabledAt === undefined ? row.disabled_at : disabledAt,
          };
          if (isAdministrator(before) && !isAdministrator(toManaged({ ...row, ...after })) && others === 0)
            throw new DomainError("last_administrator");
          const changed = await tx
            .updateTable("person")
            .set({ ...after, revision: row.revision + 1 })
            .where("org", "=", org)
            .where("id", "=", id)
            .returning(columns)
            .executeTakeFirstOrThrow();
          return toManaged(changed);
        }),
    setPassword: async (org, id, password) => {
      const changed = await tenants(org)
        .updateTable("person")
        .set({ password })
        .where("org", "=", org)
        .where("id", "=", id)
        .where("username", "is not", null)
        .returning(["id", "org"])
        .executeTakeFirst();
      return changed !== undefined;
    },
    organisation: async (org) => (await organisationOf(tenants(org), org)) ?? null,
    rename: (org, allowed, name) =>
      tenants(org)
        .transaction()
        .execute(async (tx) => {
          const row = await organisationOf(tx, org, true);
          if (!row) return null;
          assertAllowed(allowed, row.revision);
          const revision = row.revision + 1;
          await tx.updateTable("org").set({ name, revision }).where("id", "=", org).execute();
          return { ...row, name, revision };
        }),
  };
}

function organisationOf(db: Db, org: string, forChange = false): Promise<Organisation | undefined> {
  return db
    .selectFrom("org")
    .select(["id", "name", "revision"])
    .where("id", "=", org)
    .$if(forChange, (query) => query.forNoKeyUpdate())
    .executeTakeFirst();
}

/** How many others are administrators. Until the transaction ends none of them can stop being one. */
async function lockAdministrators(tx: Db, org: string, but: string): Promise<number> {
  const rows = await tx
    .selectFrom("person")
    .select("id")
    .where("org", "=", org)
    .where("disabled_at", "is", null)
    .where(sql<boolean>`roles @> '{admin}'::text[]`)
    .orderBy("id")
    .forUpdate()
    .execute();
  return rows.filter(({ id }) => id !== but).length;
}

function isAdministrator({ roles, disabled }: Person): boolean {
  return !disabled && roles.includes("admin");
}

function assertAllowed(allowed: Allowed, revision: number): void {
  if (allowed && !allowed.includes(String(revision))) throw new DomainError("precondition_failed");
}

function toManaged({
  revision,
  ...row
}: Parameters<typeof toPerson>[0] & { readonly revision: number }): ManagedPerson {
  return { ...toPerson(row), revision };
}
