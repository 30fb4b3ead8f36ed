import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

/**
 * How far each reader of the journal has come; the journal's order for readers of one organisation; webhooks, what is to be
 * delivered to each, and its lanes: one for each room that has something to send, in which one delivery goes after the other.
 */
const statements = [
  `create table projection (
    name text primary key,
    tx xid8 not null default '0',
    position bigint not null default 0,
    process text,
    leased_until timestamptz
  )`,
  "grant select, insert, update, delete on projection to hugmedo_engine",
  "create index journal_org_feed on journal (org, tx, position)",
  `create table webhook (
    id text primary key,
    org text not null,
    url text not null,
    types text[] not null,
    secret bytea not null,
    former_secret bytea,
    former_until bigint,
    tx xid8 not null,
    position bigint not null,
    state text not null default 'active',
    reason text,
    failing_since bigint,
    created_by text not null,
    created_at bigint not null
  )`,
  "create index webhook_org on webhook (org, created_at, id)",
  `create table webhook_delivery (
    id bigint generated always as identity primary key,
    org text not null,
    webhook text not null references webhook on delete cascade,
    event text not null,
    kind text not null,
    room text not null,
    seq bigint not null,
    type text not null,
    tx xid8 not null,
    position bigint not null,
    state text not null default 'pending',
    attempts int not null default 0,
    status int,
    fault text,
    tried_at bigint,
    created_at bigint not null,
    unique (webhook, event)
  )`,
  "create index webhook_delivery_lane on webhook_delivery (webhook, kind, room, tx, position) where state = 'pending'",
  "create index webhook_delivery_list on webhook_delivery (webhook, state, id)",
  "create index webhook_delivery_age on webhook_delivery (created_at) where state <> 'pending'",
  `create table webhook_lane (
    webhook text not null references webhook on delete cascade,
    org text not null,
    kind text not null,
    room text not null,
    next_at bigint not null,
    leased_until bigint,
    token text,
    primary key (webhook, kind, room)
  )`,
  "create index webhook_lane_due on webhook_lane (webhook, next_at)",
  "grant select, insert, update, delete on webhook, webhook_delivery, webhook_lane to hugmedo_engine",
  ...tenantTable("webhook", ["select", "insert", "update", "delete"]),
  ...tenantTable("webhook_delivery", ["select"]),
  ...tenantTable("webhook_lane", ["select"]),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
