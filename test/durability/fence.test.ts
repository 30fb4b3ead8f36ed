import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { assertDurable, type Postgres, query, startPostgres } from "../support/postgres.ts";
import { cutConnections } from "./cut.ts";
import { brokenPromises, readOutcome } from "./journal-rules.ts";
import { Owner } from "./owner.ts";

const room = fc.nat(2);
const patience = 60_000;
/** What one owner does next; all owners are at work at the same time. */
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant("claim" as const), room }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("peek" as const), room }) },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("append" as const),
      rooms: fc.uniqueArray(room, { minLength: 1 }),
      count: fc.integer({ min: 1, max: 3 }),
      commands: fc.uniqueArray(
        fc.nat(30).map((n) => `command-${n}`),
        { maxLength: 2 },
      ),
    }),
  },
);
const script = fc.array(step, { minLength: 10, maxLength: 30, size: "medium" });
const plans = fc.record({ scripts: fc.tuple(script, script, script), cuts: fc.nat(3) });
type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;
type Step = Plan["scripts"][number][number];

let postgres: Postgres;
let url: string;
let owners: Owner[];
let round = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase("fence");
  await assertDurable(url);
  owners = await openOwners(url);
}, patience);

afterAll(async () => {
  await closeOwners(owners);
  await postgres.dispose();
});

test(
  "however owners claim and append, also over broken connections, a room has one writer and one order",
  async () => {
    const seen = { appended: 0, stale: 0, repeated: 0, locked: 0, unknown: 0 };
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const faults = await play(url, owners, plan);
        for (const { outcome } of owners.flatMap(({ attempts }) => attempts)) seen[outcome] += 1;
        expect(faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(seen.appended).toBeGreaterThan(100);
    expect(seen.stale).toBeGreaterThan(100);
    expect(seen.repeated).toBeGreaterThan(20);
    expect(seen.unknown).toBeGreaterThan(0);
  },
  patience,
);

test(
  "the same property fails where the database does not look at the epoch",
  async () => {
    const mutant = await openMutant("without_epoch", (sql) => sql.replace("o.epoch = r.epoch and ", ""));
    const broken = async (plan: Plan): Promise<boolean> =>
      (await play(mutant.url, mutant.owners, plan)).length > 0;
    const result = await fc.check(
      fc.asyncProperty(plans, async (plan) => !(await broken(plan))),
      { numRuns: 60, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  },
  patience,
);

test("an append that meets an open claim is told to come again, and then that it is stale", async () => {
  expect(await appendDuringClaim(url, owners[0])).toEqual(["locked", "stale"]);
});

test("it would go in under the old epoch where the database does not lock", async () => {
  const mutant = await openMutant("without_lock", (sql) =>
    sql.replace("for no key update of o skip locked", ""),
  );
  expect(await appendDuringClaim(mutant.url, mutant.owners[0])).toEqual(["appended", "stale"]);
});

function openOwners(database: string): Promise<Owner[]> {
  return Promise.all(["a", "b", "c"].map((name) => Owner.open(name, database)));
}

async function closeOwners(all: readonly Owner[]): Promise<void> {
  await Promise.all(all.map((owner) => owner.close()));
}

/** The rooms of this round, new to everyone. */
async function newRooms(database: string): Promise<string[]> {
  round += 1;
  const rooms = [0, 1, 2].map((n) => `fence-${round}-${n}`);
  await query(
    database,
    "insert into room_owner (kind, id, org, key_id) select 'chat', id, 'org', 'key' from unnest($1::text[]) id",
    [rooms],
  );
  return rooms;
}

/** Lets all owners work at once on new rooms, and compares what they were told with what is stored. */
async function play(database: string, all: readonly Owner[], { scripts, cuts }: Plan): Promise<string[]> {
  const rooms = await newRooms(database);
  for (const owner of all) owner.forget();
  const work = all.map(async (owner, i) => {
    for (const one of scripts[i] ?? []) await perform(owner, rooms, one);
  });
  for (let cut = 0; cut < cuts; cut++) await cutConnections(database);
  await Promise.all(work);
  const attempts = all.flatMap((owner) => owner.attempts);
  const claims = all.flatMap((owner) => owner.claims);
  return brokenPromises(rooms, { attempts, claims, ...(await readOutcome(database, rooms)) });
}

async function perform(owner: Owner, rooms: readonly string[], one: Step): Promise<void> {
  const named = (index: number): string => rooms[index] ?? "none";
  if (one.does === "append") await owner.append(one.rooms.map(named), one.count, one.commands);
  if (one.does === "claim") await owner.claim(named(one.room));
  if (one.does === "peek") await owner.peek(named(one.room));
}

/** An owner appends while another's claim of its room is not committed, and again when it is. */
async function appendDuringClaim(database: string, owner: Owner | undefined): Promise<string[]> {
  const [name = ""] = await newRooms(database);
  const claimer = new pg.Client({ connectionString: database });
  await claimer.connect();
  onTestFinished(() => claimer.end());
  owner?.forget();
  await owner?.claim(name);
  await claimer.query("begin");
  await claimer.query("update room_owner set epoch = epoch + 1 where kind = 'chat' and id = $1", [name]);
  const first = owner?.append([name], 1, []);
  await Promise.race([first, appendBlocked(database)]);
  await claimer.query("commit");
  await first;
  await owner?.append([name], 1, []);
  return owner?.attempts.filter((attempt) => attempt.room === name).map(({ outcome }) => outcome) ?? [];
}

/** Resolves when an append waits for a lock. */
async function appendBlocked(database: string): Promise<void> {
  for (;;) {
    const waiting = await query(
      database,
      `select from pg_stat_activity
       where query like '%journal_append%' and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
    );
    if (waiting.length > 0) return;
  }
}

/** A database whose append is changed, by the test, in one place. */
async function openMutant(
  name: string,
  change: (sql: string) => string,
): Promise<{ url: string; owners: Owner[] }> {
  const database = await postgres.createDatabase(name);
  const mutants = await openOwners(database);
  onTestFinished(() => closeOwners(mutants));
  const [row] = await query(database, "select pg_get_functiondef('journal_append'::regproc) as sql");
  const original = String(row?.sql);
  expect(change(original)).not.toBe(original);
  await query(database, change(original));
  return { url: database, owners: mutants };
}
