import { Redis as Client } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBulkhead } from "../../core/platform/limits/bulkhead.ts";
import { createRateLimits } from "../../core/platform/limits/rate-limits.ts";
import { type Redis, startRedis } from "../support/redis.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const wide = { quota: 1_000, windowSeconds: 60 };
const policies = { read: { quota: 10, windowSeconds: 60 }, command: wide, heavy: wide, open: wide };

const ready = (client: Client) => new Promise((resolve) => client.once("ready", resolve));

describe("two processes with one Redis", () => {
  let redis: Redis;
  let clients: Client[] = [];
  const dial = () =>
    new Client(redis.url, {
      commandTimeout: 250,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 50,
    }).on("error", () => {});
  beforeAll(async () => {
    redis = await startRedis();
    clients = [dial(), dial()];
    await Promise.all(clients.map(ready));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await redis.dispose();
  });

  const open = () => clients.map((client) => createRateLimits({ policies, redis: client }));
  const allowedOf = async (limits: ReturnType<typeof open>, who: string) => {
    const takes = Array.from({ length: 30 }, (_, n) => limits[n % 2]?.take("read", who));
    return (await Promise.all(takes)).filter((state) => state?.allowed).length;
  };

  test("count together, each caller apart", async () => {
    const limits = open();
    expect(await allowedOf(limits, "north/desk")).toBe(10);
    expect(await allowedOf(limits, "north/admin")).toBe(10);
    const state = await limits[0]?.take("command", "north/desk");
    expect(state).toMatchObject({ allowed: true, remaining: 999, quota: 1_000, windowSeconds: 60 });
  });

  test("go on, each alone, while it is frozen or gone, and together again when it is back", async () => {
    redis.pause();
    expect(await allowedOf(open(), "frozen")).toBe(20);
    redis.resume();
    await redis.stop();
    expect(await allowedOf(open(), "gone")).toBe(20);
    const back = Promise.all(clients.map(ready));
    await redis.start();
    await back;
    expect(await allowedOf(open(), "back")).toBe(10);
  }, 60_000);
});

describe("what a caller is told", () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await startApi(
      {},
      { read: { quota: 3, windowSeconds: 60 }, open: { quota: 4, windowSeconds: 60 } },
    );
  });
  afterAll(() => api.close());

  test("how much is left, and when to come again", async () => {
    const token = await api.token("desk");
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await api.call("GET", "/v1/me", { token }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get("ratelimit"))).toEqual(
      [2, 1, 0, 0].map((left) => expect.stringMatching(new RegExp(`^"read";r=${left};t=\\d+$`))),
    );
    expect(answers[0]?.headers.get("ratelimit-policy")).toBe('"read";q=3;w=60');
    const refused = answers[3];
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(refused?.body).toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
    expect((await api.call("GET", "/v1/me", { token: await api.token("admin") })).status).toBe(200);
  });

  test("whoever guesses tokens is a stranger, of their network; monitoring is not counted", async () => {
    const codes = [];
    for (let n = 0; n < 6; n += 1)
      codes.push((await api.call("GET", "/v1/me", { token: `guess-${n}` })).body.code);
    expect(codes).toEqual([...Array(4).fill("unauthenticated"), "rate_limited", "rate_limited"]);
    expect((await api.call("GET", "/v1/demo")).body.code).toBe("rate_limited");
    for (let n = 0; n < 6; n += 1) expect((await api.call("GET", "/healthz")).status).toBe(200);
  });
});

test("an organisation that has too much under way is told to wait; others are not", () => {
  const bulkhead = createBulkhead(2);
  const leave = [bulkhead.enter("north"), bulkhead.enter("north")];
  expect(() => bulkhead.enter("north")).toThrow(/busy/);
  bulkhead.enter("south")();
  leave[0]?.();
  bulkhead.enter("north")();
  leave[1]?.();
});
