import { CompiledQuery, type Kysely } from "kysely";

const statements = [
  `create table org (
    id text primary key check (id ~ '^[a-z0-9-]{1,32}$'),
    name text not null,
    created_at timestamptz not null default now()
  )`,
  `create table person (
    id text primary key check (id ~ '^[a-z0-9-]{1,32}$'),
    org text not null references org,
    username text not null unique,
    name text not null,
    roles text[] not null,
    password text,
    demo boolean not null default false,
    disabled_at bigint,
    created_at timestamptz not null default now()
  )`,
  `create index person_directory on person (org, name collate "C", id collate "C")`,
  `create table session (
    id text primary key,
    person text not null references person,
    started_at bigint not null,
    refreshed_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    end_reason text
  )`,
  "create index session_person on session (person) where ended_at is null",
  "create index session_ended on session (ended_at) where ended_at is not null",
  `create table refresh_token (
    hash bytea primary key,
    session text not null references session on delete cascade,
    parent bytea,
    used_at bigint,
    repeats smallint not null default 0
  )`,
  "create index refresh_token_session on refresh_token (session)",
  "create index refresh_token_parent on refresh_token (parent)",
  `create table signing_key (
    kid text primary key,
    public_key text not null,
    private_key bytea not null,
    signs_from bigint not null
  )`,
  `grant select, insert, update, delete on org, person, session, refresh_token, signing_key to hugmedo_engine`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
