import { createSecretKey, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createIdentity, type Identity } from "../../core/platform/identity/identity.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

/** Several processes on one PostgreSQL: here their work really happens at the same time. */
const keyRing = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
const clock = { time: Date.UTC(2026, 0, 1) };
let postgres: Postgres;
let databases: Database[];
let identities: Identity[];

beforeAll(async () => {
  postgres = await startPostgres();
  databases = [await openPostgres(postgres.url, 4), await openPostgres(postgres.url, 4)];
  identities = await Promise.all(
    databases.map(({ db, tenants }) =>
      createIdentity({
        db,
        tenants,
        keyRing,
        logger: createLogger({ level: "silent" }),
        now: () => clock.time,
        audience: "hugmedo",
        allowDemo: true,
        passwordCost: { logN: 4, r: 8, p: 1 },
      }),
    ),
  );
  await Promise.all(identities.map((identity) => identity.seedDemo()));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await postgres.dispose();
});

const on = (place: number): Identity => {
  const identity = identities[place % identities.length];
  if (!identity) throw new Error("no such process");
  return identity;
};
const signIn = () => on(0).signIn({ username: "patient", password: "demo-patient", address: "192.0.2.1" });
const ended = expect.objectContaining({ code: "session_ended" });

test("processes that start together share one signing key and one set of people", async () => {
  expect(on(0).jwks().keys).toHaveLength(1);
  expect(on(1).jwks()).toEqual(on(0).jwks());
  expect(await on(1).demoAccounts()).toHaveLength(9);
  const { accessToken } = await signIn();
  expect(await on(1).verify(accessToken)).toMatchObject({ id: "patient", roles: ["patient"] });
});

test("the directory reads the same as on the embedded database", async () => {
  const search = { org: "demo-clinic", byUsername: true, after: null, limit: 100 };
  const found = await on(0).people.search({ ...search, text: "CLINICIAN", roles: ["clinician", "desk"] });
  expect(found.map(({ id }) => id)).toEqual(["clinician", "clinician2"]);
  expect(found[0]).toMatchObject({ roles: ["clinician"], demo: true, disabled: false });
  const [first] = found;
  const after = first ? { name: first.name, id: first.id } : null;
  expect(
    (await on(1).people.search({ ...search, text: "clinician", roles: null, after })).map(({ id }) => id),
  ).toEqual(["clinician2"]);
});

test("one token presented many times at once: five siblings at most, and the rest ends the session", async () => {
  const few = await signIn();
  const answers = await Promise.all([0, 1, 2, 3, 4].map((place) => on(place).refresh(few.refreshToken)));
  expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(5);

  const many = await signIn();
  const results = await Promise.allSettled(
    Array.from({ length: 12 }, (_, place) => on(place).refresh(many.refreshToken)),
  );
  const granted = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(granted).toHaveLength(5);
  for (const { refreshToken } of granted) await expect(on(1).refresh(refreshToken)).rejects.toThrow(ended);
});

test("siblings used at the same moment: one goes on, then the other's coming ends the session", async () => {
  const { refreshToken } = await signIn();
  const siblings = await Promise.all([0, 1].map((place) => on(place).refresh(refreshToken)));
  const results = await Promise.allSettled(
    siblings.map((each, place) => on(place).refresh(each.refreshToken)),
  );
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a session that ends on one process is told on the other", async () => {
  const { accessToken } = await signIn();
  const { session } = await on(1).verify(accessToken);
  const told: string[] = [];
  const stop = on(1).sessions.onEnded((id) => told.push(id));
  await on(0).sessions.end(session, "signed_out");
  await on(1).sessions.sync();
  stop();
  expect(told).toContain(session);
  await expect(on(1).verify(accessToken)).rejects.toThrow(ended);
});

const guestOf = (id: string) => ({ id, org: "demo-clinic", name: "Mai", expiresAt: clock.time + 60_000 });
const databaseOf = (place: number): Database => {
  const database = databases[place];
  if (!database) throw new Error("no such process");
  return database;
};
const patience = { timeout: 10_000 };
const waitingForLocks = async (): Promise<number> => {
  const { rows } = await sql<{
    pid: number;
  }>`select distinct pid from pg_locks where not granted`.execute(databaseOf(0).appends);
  return rows.length;
};

test("who disables a person waits for a session that is being opened, and ends it too", async () => {
  const guest = guestOf("guest-halfway");
  await on(0).guests.open(guest);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: holding, resolve: hold } = Promise.withResolvers<void>();
  onTestFinished(() => release());
  // The session is written and not yet committed as long as its refresh token cannot be.
  const holder = databaseOf(1)
    .appends.transaction()
    .execute(async (tx) => {
      await sql`lock table refresh_token in exclusive mode`.execute(tx);
      hold();
      await held;
    });
  await holding;
  const coming = on(0).guests.open(guest);
  await expect.poll(waitingForLocks, patience).toBeGreaterThanOrEqual(1);
  let closed = false;
  const closing = on(1)
    .guests.close(guest.id)
    .finally(() => {
      closed = true;
    });
  await expect.poll(async () => closed || (await waitingForLocks()) >= 2, patience).toBe(true);
  release();
  const [{ accessToken }] = await Promise.all([coming, closing, holder]);
  await expect(on(1).verify(accessToken)).rejects.toThrow(ended);
});

test("a guest who is closed while coming in is out in the end, whichever was first", async () => {
  for (let round = 0; round < 40; round += 1) {
    const guest = guestOf(`guest-${round}`);
    const comings = [0, 1, 0, 1].map((place) => on(place).guests.open(guest));
    const [opened] = await Promise.all([Promise.allSettled(comings), on(round).guests.close(guest.id)]);
    await Promise.all(identities.map((identity) => identity.sessions.sync()));
    for (const coming of opened) {
      if (coming.status === "rejected") {
        expect(coming.reason).toMatchObject({ code: "invitation_invalid" });
        continue;
      }
      await expect(on(0).verify(coming.value.accessToken)).rejects.toThrow(ended);
      await expect(on(1).verify(coming.value.accessToken)).rejects.toThrow(ended);
    }
  }
});

test("keys are rotated once, however many processes see that it is time", async () => {
  clock.time += 29 * 24 * 3_600_000;
  await Promise.all(identities.map((identity) => identity.maintain()));
  await on(0).maintain();
  await on(1).maintain();
  expect(on(0).jwks().keys).toHaveLength(2);
  expect(on(1).jwks()).toEqual(on(0).jwks());
});
