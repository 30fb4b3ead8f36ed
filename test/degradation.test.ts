import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { generateKeyPair, jwtVerify, SignJWT } from "jose";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { openObjects, openResilience } from "../app/resilience.ts";
import { openPostgres } from "../core/platform/database/database.ts";
import { remoteKeys } from "../core/platform/identity/remote-keys.ts";
import { createLogger } from "../core/platform/logger.ts";
import { createDirectoryStore } from "../core/platform/objects/directory-store.ts";
import { createS3Store } from "../core/platform/objects/s3-store.ts";
import { type DependencyName, dependencies } from "../core/platform/resilience/dependencies.ts";
import { openRedis } from "../rooms/cluster/redis/open-redis.ts";
import { mountSmallDisk } from "./chaos/stage/small-disk.ts";
import { type Clinic, newId, openClinic } from "./rooms/clinic.ts";
import { type Postgres, startPostgres } from "./support/postgres.ts";
import { openSilentServer, type SilentServer } from "./support/silent-server.ts";

/** What a machine that has much else to do may add to a time-out (ms). */
const slack = 4_000;
const log = createLogger({ level: "silent" });
const issuer = "https://issuer.example";
const region = "ap-northeast-1";
const pool = 4;

let silent: SilentServer;
let postgres: Postgres;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "x");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "x");
  silent = await openSilentServer();
  postgres = await startPostgres();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  silent.close();
  await postgres.dispose();
});

const opened = () => {
  const guards = openResilience({ databasePool: pool }, { now: Date.now, log });
  onTestFinished(() => guards.stop());
  return guards;
};
const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "code" in error ? error.code : String(error);

/** How a stock client tells of a refusal. */
const reasonOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "reason" in error ? error.reason : error;

async function foreignToken(): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256");
  return new SignJWT({ sub: "x", scope: "" })
    .setProtectedHeader({ alg: "ES256", kid: "unknown", typ: "at+jwt" })
    .setIssuer(issuer)
    .setAudience("hugmedo")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(privateKey);
}

/** Asks, as the product does, something that never answers. Resolves with the code of the refusal. */
const asks: Partial<Record<DependencyName, () => Promise<unknown>>> = {
  object_store: async () => {
    const bucket = { bucket: "b", endpoint: silent.url, region, forcePathStyle: true, uploadEndpoint: null };
    const bare = createS3Store(bucket);
    onTestFinished(() => bare.dispose());
    const store = openObjects(opened(), bare, true);
    return store.put("a/b", Buffer.from("x")).catch(codeOf);
  },
  identity_provider: async () => {
    const guard = opened().guard("identity_provider");
    const keys = remoteKeys(`${silent.url}/jwks.json`, { now: Date.now, guard });
    return jwtVerify(await foreignToken(), keys).catch(codeOf);
  },
  redis: async () => {
    const guards = opened();
    const record = guards.watch("redis");
    const redis = await openRedis(`redis://127.0.0.1:${silent.port}`, { log, record });
    onTestFinished(() => redis.close());
    expect(guards.reports().find(({ name }) => name === "redis")).toMatchObject({
      state: "open",
      degraded: expect.stringMatching(/rooms/),
    });
    // An empty store's answer, not a refusal: nothing of ours waits for Redis.
    return (await redis.presence.get("x")) === null ? "unavailable" : "?";
  },
};

describe.concurrent("what takes the connection and never answers", () => {
  it.each(Object.entries(asks))(
    "%s: whoever asks has a refusal in time",
    async (name, ask) => {
      const known = Object.entries(dependencies).find(([one]) => one === name);
      const within = (known?.[1].limits.withinMs ?? 0) + (name === "redis" ? 2_000 : 0);
      const since = performance.now();
      const refusal = await ask();
      expect(refusal).toBe("unavailable");
      expect(performance.now() - since).toBeLessThan(within + slack);
      expect(silent.connections()).toBeGreaterThan(0);
    },
    60_000,
  );

  it("PostgreSQL: a start ends with an error in five seconds", async () => {
    const since = performance.now();
    await expect(openPostgres(`postgres://x@127.0.0.1:${silent.port}/x`, 2)).rejects.toThrow(/timeout/i);
    expect(performance.now() - since).toBeLessThan(5_000 + slack);
  }, 60_000);
});

describe("readers that take their time", () => {
  it("leave connections to others, and are refused when too many wait", async () => {
    const database = await openPostgres(postgres.url, pool);
    onTestFinished(() => database.close());
    const { readers } = opened();
    // Connections are made beforehand: on a busy machine that takes longer than the rest.
    await Promise.all(Array.from({ length: pool }, () => sql`select pg_sleep(0.1)`.execute(database.db)));
    const order: string[] = [];
    const read = async () => {
      await sql`select pg_sleep(0.5)`.execute(database.db);
      order.push("reader");
    };
    const reads = Array.from({ length: 30 }, () => readers.run(read).catch(codeOf));
    const others = Array.from({ length: pool / 2 }, async () => {
      await sql`select 1`.execute(database.db);
      order.push("other");
    });
    await Promise.all(others);
    expect(order).toEqual(others.map(() => "other"));
    expect(readers.waiting()).toBe(20);
    const refused = await Promise.all(reads.slice(-8));
    expect(refused).toEqual(Array(8).fill("busy"));
    await Promise.all(reads);
  }, 60_000);
});

describe("a disk that is full", () => {
  it("is said, leaves nothing half written, and is forgotten once there is room", async ({ skip }) => {
    const disk = await mountSmallDisk();
    if (!disk) return skip("mounting is not allowed here");
    onTestFinished(() => disk.dispose());
    const root = join(disk.path, "objects");
    await mkdir(root);
    const guards = opened();
    const bare = createDirectoryStore(root);
    const store = openObjects(guards, bare, false);
    await disk.fill();
    const large = Buffer.alloc(256 * 1024, 1);
    expect(await store.put("a/b", large).catch(codeOf)).toBe("unavailable");
    expect(await store.put("a/b", large).catch(codeOf)).toBe("unavailable");
    expect(guards.reports().slice(1)).toMatchObject([
      { name: "object_store", state: "closed", lastError: null },
      { name: "object_store_writes", state: "open", lastError: "ENOSPC" },
    ]);
    expect(await store.list("")).toEqual([]);
    expect(await readdir(join(root, ".drafts")).catch(() => [])).toEqual([]);
    await disk.clear();
    await expect.poll(() => store.put("a/b", large).catch(codeOf), { timeout: 20_000 }).toBeUndefined();
    expect((await store.get("a/b"))?.length).toBe(large.length);
  }, 60_000);
});

describe("the product while what it asks does not answer", () => {
  let clinic: Clinic;
  const ready = async () => (await clinic.rest("GET", "/readyz", null)).body;

  beforeAll(async () => {
    clinic = await openClinic({
      DATABASE_URL: await postgres.createDatabase("clinic"),
      DATABASE_POOL: String(pool),
      DEMO: "1",
      MEDIA_ORDER: "peer",
      S3_BUCKET: "recordings",
      S3_ENDPOINT: silent.url,
      S3_REGION: region,
      OIDC_ISSUER: issuer,
      OIDC_JWKS: `${silent.url}/jwks.json`,
      OIDC_AUDIENCE: "hugmedo",
      OIDC_ORG: "demo-clinic",
    });
  }, 180_000);
  afterAll(() => clinic?.close());

  it("starts without object store and issuer, and talks; a stranger's token is refused in time", async () => {
    const id = await clinic.chat({ clinician: "admin", patient: "member" });
    const patient = await clinic.join("patient", id);
    await patient.say("hello");
    const since = performance.now();
    const foreign = await clinic.rest("GET", "/v1/me", await foreignToken());
    expect(foreign).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(performance.now() - since).toBeLessThan(3_000 + slack);
    for (let tries = 0; tries < 2; tries += 1) await clinic.rest("GET", "/v1/me", await foreignToken());
    expect((await clinic.rest("GET", "/v1/me", await clinic.token("clinician"))).status).toBe(200);
    const { dependencies: shown } = await ready();
    expect(shown).toContainEqual(
      expect.objectContaining({ name: "identity_provider", lastError: expect.stringMatching(/^[\w]+$/) }),
    );
    expect(JSON.stringify(shown)).not.toMatch(/127\.0\.0\.1|issuer|recordings"/);
  }, 60_000);

  it("while PostgreSQL stands still keeps every seat, refuses in time, says when to come again, and goes on", async () => {
    const id = await clinic.chat({ clinician: "admin", patient: "member" });
    const members = await Promise.all([clinic.join("clinician", id), clinic.join("patient", id)]);
    const token = await clinic.token("patient");
    for (const member of members) await member.say("before");
    const gone: string[] = [];
    for (const { room } of members) room.onLeave(() => void gone.push("left"));

    postgres.pause();
    onTestFinished(() => postgres.resume());
    const since = performance.now();
    const asked = members.map(({ room }) =>
      room.request("chat.send", { id: newId(), body: "meanwhile" }, { timeout: 30_000 }).catch(reasonOf),
    );
    const history = Array.from({ length: 4 }, () =>
      fetch(`${clinic.url}/v1/rooms/chat/${id}/messages`, { headers: { authorization: `Bearer ${token}` } }),
    );
    expect((await clinic.rest("GET", "/healthz", null)).status).toBe(200);
    for (const response of await Promise.all(history)) {
      expect([response.status, (await response.json()).code]).toEqual([503, "unavailable"]);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    for (const refusal of await Promise.all(asked)) {
      expect(refusal).toMatchObject({ code: expect.stringMatching(/^(busy|unavailable)$/) });
      expect(refusal).toHaveProperty("retryAfterMs");
    }
    // A connection within 5 s, its statement within 15.
    expect(performance.now() - since).toBeLessThan(20_000 + slack);
    expect(await ready()).toMatchObject({ status: "not_ready" });
    postgres.resume();

    await expect
      .poll(async () => (await members[1]?.ask("chat.send", { id: newId(), body: "after" }))?.seq, {
        timeout: 30_000,
      })
      .toBeGreaterThan(0);
    expect(gone).toEqual([]);
  }, 90_000);
});
