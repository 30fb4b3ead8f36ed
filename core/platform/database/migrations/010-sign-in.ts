import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

const ofOwnPerson = (column: string) => `exists (select from person where person.id = ${column})`;
const ofOwnClient = "exists (select from client where client.id = client_secret.client)";

/**
 * A sign-in keeps where it came from, as far as its owner needs it to know it again, and what was shown for it (RFC 8176).
 * `second_factor` holds one person's secret, wrapped, and the last time step that was used; `recovery_code` and
 * `sign_in_challenge` know their secrets by hashes alone. `client` is an integrator, who is a person without a name of
 * theirs to sign in with; it may have two secrets at a time.
 */
const statements = [
  `alter table session
    add column agent text,
    add column network text,
    add column factors text[] not null default '{pwd}'`,
  "create index session_network on session (person, network)",
  `create table second_factor (
    person text primary key references person on delete cascade,
    secret bytea not null,
    made_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null default 0,
    guesses_full_at bigint not null default 0
  )`,
  `create table recovery_code (
    hash bytea primary key,
    person text not null references second_factor on delete cascade,
    used_at bigint
  )`,
  "create index recovery_code_person on recovery_code (person)",
  `create table sign_in_challenge (
    hash bytea primary key,
    person text not null references person on delete cascade,
    expires_at bigint not null,
    tries smallint not null default 0,
    agent text,
    network text
  )`,
  "create index sign_in_challenge_expires on sign_in_challenge (expires_at)",
  `create table client (
    id text primary key references person,
    org text not null references org,
    scopes text[] not null,
    made_by text not null,
    made_at bigint not null,
    revoked_at bigint
  )`,
  "create index client_org on client (org, made_at, id)",
  `create table client_secret (
    hash bytea primary key,
    id text not null unique,
    client text not null references client on delete cascade,
    hint text not null,
    made_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    session text
  )`,
  "create index client_secret_client on client_secret (client)",
  `grant select, insert, update, delete on second_factor, recovery_code, sign_in_challenge, client, client_secret
    to hugmedo_engine`,
  ...tenantTable("second_factor", ["select", "delete"], ofOwnPerson("second_factor.person")),
  ...tenantTable("client", ["select", "insert", "update"]),
  ...tenantTable("client_secret", ["select", "insert", "update", "delete"], ofOwnClient),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
