import { CompiledQuery, type Kysely, sql } from "kysely";
import { tenantTable } from "./tenancy.ts";

/**
 * Where an organisation's audit begins since its oldest part went by retention. Each is signed, as checkpoints are: whoever has the database
 * alone can take entries away, and cannot say that they were to go.
 */
const anchors = [
  `create table audit_anchor (
    org text not null,
    n bigint not null,
    hash text not null,
    at bigint not null,
    before bigint not null,
    kid text not null,
    signature text not null,
    kept_at bigint,
    primary key (org, n)
  )`,
  "grant select, insert on audit_anchor to hugmedo_engine",
  "grant update (kept_at) on audit_anchor to hugmedo_engine",
  ...tenantTable("audit_anchor", ["select"]),
];

/**
 * The one way by which entries go, for nobody may delete them: everything up to an anchor that stands on a checkpoint. It runs as the owner of
 * the tables, and sees nothing but their schema.
 */
const forget = (schema: string) => `
create function audit_forget(the_org text, upto bigint) returns bigint
language plpgsql security definer set search_path = ${schema}, pg_temp as $$
declare
  gone bigint;
begin
  if not exists (
    select from audit_anchor a
    join audit_seal s on s.org = a.org and s.n = a.n and s.hash = a.hash
    join audit_checkpoint c on c.org = a.org and c.n = a.n and c.hash = a.hash
    where a.org = the_org and a.n = upto
  ) then
    raise exception 'the audit is removed up to an anchor alone';
  end if;
  delete from audit_entry e using audit_seal s
  where s.org = the_org and s.n <= upto and e.org = s.org and e.id = s.entry;
  get diagnostics gone = row_count;
  delete from audit_seal s where s.org = the_org and s.n <= upto;
  delete from audit_checkpoint c where c.org = the_org and c.n < upto;
  delete from audit_anchor a where a.org = the_org and a.n < upto;
  return gone;
end
$$`;

/**
 * An index of recordings whose files are there: `kept_until` is what the room was last told of it, null where it goes by its beginning;
 * `due_at`: its time is over, and a legal hold keeps it.
 */
const recordings = [
  `create table recording_kept (
    org text not null,
    visit text not null,
    recording text not null,
    finished_at bigint,
    kept_until bigint,
    due_at bigint,
    primary key (org, visit, recording)
  )`,
  "create index recording_kept_due on recording_kept (org, due_at) where due_at is not null",
  "grant select, insert, update, delete on recording_kept to hugmedo_engine",
  ...tenantTable("recording_kept", ["select"]),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ schema: string }>`select quote_ident(current_schema()) as schema`.execute(db);
  const statements = [
    ...anchors,
    forget(rows[0]?.schema ?? "public"),
    "revoke all on function audit_forget from public",
    "grant execute on function audit_forget to hugmedo_engine",
    ...recordings,
  ];
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
