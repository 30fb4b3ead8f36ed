import { createSecretKey, randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import {
  createIdempotencyKeys,
  type IdempotencyKeys,
} from "../../core/platform/repositories/idempotency-keys.ts";
import { databaseKinds, openDatabase } from "./databases.ts";

const secret = () => createSecretKey(randomBytes(32));

describe.each(databaseKinds)("idempotency keys (%s)", (kind) => {
  let database: Database;
  const old = secret();
  const ring = createKeyRing("1", new Map([["1", old]]));
  let keys: IdempotencyKeys;
  beforeAll(async () => {
    database = await openDatabase(kind);
    keys = createIdempotencyKeys({ ...database, ring });
  }, 120_000);
  afterAll(() => database.close());

  const request = (key: string, content = "{}") => ({
    org: "north",
    principal: "desk",
    operation: "createChat",
    key,
    content,
  });
  const claimed = async (key: string) => {
    const claim = await keys.claim(request(key));
    if (claim.is !== "ours") throw new Error(`it is ${claim.is}`);
    return claim;
  };

  it("gives a request to one of sixteen", async () => {
    const claims = await Promise.all(Array.from({ length: 16 }, () => keys.claim(request("at-once"))));
    const [ours, ...more] = claims.filter((claim) => claim.is === "ours");
    expect(more).toEqual([]);
    expect(claims.filter(({ is }) => is === "in_progress")).toHaveLength(15);
    if (ours?.is === "ours") await ours.keep("the reply");
    expect(await keys.claim(request("at-once"))).toEqual({ is: "done", reply: "the reply" });
    expect(await keys.claim(request("at-once", '{"other":1}'))).toEqual({ is: "mismatch" });
  });

  it("keeps neither key nor content nor reply as it was", async () => {
    await (await claimed("key-of-sato")).keep("Hana Sato");
    const rows = await database.db.selectFrom("idempotency_key").selectAll().execute();
    const bytes = rows.map(({ key, fingerprint, reply }) =>
      Buffer.concat([key, fingerprint, reply ?? Buffer.of()]),
    );
    for (const one of bytes) expect(one.toString("latin1")).not.toMatch(/sato/i);
  });

  it("gives a released request, and one whose process is gone, to the next; the late one changes nothing", async () => {
    await (await claimed("released")).release();
    await (await claimed("released")).keep("second");
    const late = await claimed("left alone");
    expect(await keys.claim(request("left alone"))).toEqual({ is: "in_progress" });
    await database.db
      .updateTable("idempotency_key")
      .set({ claimed_until: sql<Date>`clock_timestamp() - interval '1 second'` })
      .where("reply", "is", null)
      .execute();
    const next = await claimed("left alone");
    await late.keep("late");
    await late.release();
    expect(await keys.claim(request("left alone"))).toEqual({ is: "in_progress" });
    await next.keep("next");
    expect(await keys.claim(request("left alone"))).toEqual({ is: "done", reply: "next" });
  });

  it("reads on after the master key was rotated", async () => {
    const rotated = createKeyRing(
      "2",
      new Map([
        ["1", old],
        ["2", secret()],
      ]),
    );
    const later = createIdempotencyKeys({ ...database, ring: rotated });
    expect(await later.claim(request("at-once"))).toEqual({ is: "done", reply: "the reply" });
    expect(await later.claim(request("at-once", "[]"))).toEqual({ is: "mismatch" });
  });

  it("is each organisation's own, also where a query forgets to say so", async () => {
    const south = await keys.claim({ ...request("at-once"), org: "south" });
    expect(south.is).toBe("ours");
    const seen = await database.tenants("south").selectFrom("idempotency_key").select("org").execute();
    expect(seen).toEqual([{ org: "south" }]);
  });

  it("forgets after a day: the same key makes anew, and sweeping leaves what is younger", async () => {
    const day = { expires_at: sql<Date>`clock_timestamp() - interval '1 second'` };
    await database.db.updateTable("idempotency_key").set(day).where("org", "=", "north").execute();
    expect((await keys.claim(request("at-once", "[]"))).is).toBe("ours");
    expect(await keys.sweep()).toBe(3);
    const left = await database.db.selectFrom("idempotency_key").select("org").orderBy("org").execute();
    expect(left.map(({ org }) => org)).toEqual(["north", "south"]);
  });
});
