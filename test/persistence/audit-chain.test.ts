import { createSecretKey, hash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../core/domain/audit/canonical.ts";
import { createKeyRing, type KeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import type { ObjectStore } from "../../core/platform/objects/object-store.ts";
import { type AuditChain, createAuditChain } from "../../core/platform/records/audit-chain.ts";
import { type AuditKeys, createAuditKeys } from "../../core/platform/records/audit-keys.ts";
import {
  archives,
  fileArchive,
  objectArchive,
  readCopy,
} from "../../core/platform/records/checkpoint-archive.ts";
import { createSealer, type Sealer } from "../../core/platform/records/sealer.ts";
import { verifyAudit } from "../../core/platform/records/verify-audit.ts";
import { type Audit, createAudit } from "../../core/platform/repositories/audit.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";

const entries = 60;
const log = createLogger({ level: "silent", process: "test" });
let postgres: Postgres;
let database: Database;
let audit: Audit;
let ring: KeyRing;
let keys: AuditKeys;
let chain: AuditChain;
let objects: ObjectStore;
const folder = temporaryFolder("audit");
const file = `${folder.path}/checkpoints.jsonl`;
let now = Date.now();

const outside = () => archives([objectArchive(objects), fileArchive(file)]);

function sealerOn(rows: AuditChain = chain, archive = outside()): Sealer {
  return createSealer({
    chain: rows,
    keys,
    archive,
    log,
    now: () => now,
    everyMs: 50,
    checkpointEntries: 10,
    checkpointMs: 60_000,
  });
}

const verify = (org: string, kept = (one: string) => outside().all(one)) =>
  verifyAudit(
    { chain, isSigned: keys.verify, kept, keptAnchors: (one) => outside().anchors(one), now: () => now },
    org,
  );

/** What is found, by place and by entry's place among the organisation's. */
async function found(org: string, kept?: Parameters<typeof verify>[1]) {
  return (await verify(org, kept)).findings.map(({ kind, n, until }) => [
    kind,
    n,
    ...(until === undefined ? [] : [until]),
  ]);
}

/** Behind our back: as whoever owns the database. */
const behind = (text: string, values: readonly unknown[] = []) => query(postgres.url, text, values);

async function record(org: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 20)
    await audit.recordAll(
      Array.from({ length: Math.min(20, count - i) }, (_, j) => ({
        org,
        at: now,
        actor: "anna",
        action: "messages.read",
        room: { kind: "chat", id: "demo" },
        subject: `patient-${i + j}`,
        detail: { seq: i + j, purpose: "treatment" },
      })),
    );
}

/** An organisation with a sealed audit. */
async function clinic(name: string, count = entries): Promise<string> {
  await record(name, count);
  await sealerOn().round();
  expect(await found(name)).toEqual([]);
  return name;
}

/** The entry at a place of the chain. */
async function entryAt(org: string, n: number): Promise<number> {
  const [row] = await behind("select entry from audit_seal where org = $1 and n = $2", [org, n]);
  return Number(row?.entry);
}

beforeAll(async () => {
  postgres = await startPostgres();
  database = await openPostgres(postgres.url, 4);
  audit = createAudit(database.db, database.tenants);
  ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  keys = createAuditKeys(database.db, ring, () => now);
  chain = createAuditChain(database.db);
  objects = createDirectoryStore(`${folder.path}/objects`);
});
afterAll(async () => {
  await database.close();
  await postgres.dispose();
  folder.remove();
});

describe("an audit that nobody touched", () => {
  test("of some thousand entries has nothing to it, and is bound by signed checkpoints", async () => {
    await clinic("large", 3_000);
    const verdict = await verify("large");
    expect(verdict).toMatchObject({ links: 3_000, waiting: 0, findings: [] });
    expect(verdict.checkpoints).toBeGreaterThan(0);
    expect(verdict.kept).toBe(verdict.checkpoints);
    expect((await readCopy(file)).checkpoints).toEqual(await outside().all("large"));
    expect((await readCopy(`${folder.path}/objects`)).checkpoints).toEqual(await outside().all("large"));
    expect(await outside().orgs()).toEqual(["large"]);
  });

  test("an entry whose transaction ends late is neither passed over nor waited for in vain", async () => {
    await record("late", 1);
    const slow = await database.db.startTransaction().execute();
    await createAudit(slow, database.tenants).record({ org: "late", at: now, actor: "slow", action: "x" });
    await record("late", 3);
    const sealer = sealerOn();
    await sealer.round();
    expect(await verify("late")).toMatchObject({ links: 1, waiting: 3, findings: [] });
    await slow.commit().execute();
    await sealer.round();
    expect(await verify("late")).toMatchObject({ links: 5, waiting: 0, findings: [] });
  });

  test("knows the place of every moment, also where times and places are not in one order", async () => {
    const at = [5, 3, 9, 9, 7, 12, 11];
    for (const time of at) await audit.record({ org: "places", at: time, actor: "anna", action: "x" });
    await sealerOn().round();
    // Not sealed yet.
    await audit.record({ org: "places", at: 13, actor: "anna", action: "x" });
    for (let time = 0; time <= 15; time += 1)
      expect([time, await chain.placeBefore("places", time)]).toEqual([
        time,
        at.findLastIndex((one) => one < time) + 1,
      ]);
    expect(await chain.placeBefore("nowhere", 5)).toBe(0);
  });

  test("is bound soon also after the clock was set back by an hour", async () => {
    const org = await clinic("back", 1);
    const before = now;
    try {
      now -= 3_600_000;
      await record(org, 1);
      await sealerOn().round();
      expect((await outside().all(org)).map(({ n }) => n)).toEqual([1, 2]);
    } finally {
      now = before;
    }
  });

  test("many sealers at once make one chain", async () => {
    const sealers = Array.from({ length: 4 }, () => sealerOn());
    for (let i = 0; i < 5; i += 1)
      await Promise.all([record("many", 20), ...sealers.map((one) => one.round())]);
    await sealers[0]?.round();
    expect(await verify("many")).toMatchObject({ links: 100, waiting: 0, findings: [] });
  });

  test("a sealer that dies anywhere loses nothing", async () => {
    const names = ["standing", "unsealed", "seal", "links", "addCheckpoint", "unkept", "markKept"] as const;
    for (const name of names) {
      for (const when of ["before", "after"] as const) {
        await record("dying", 15);
        await expect(sealerOn(dying(name, when)).round()).rejects.toThrow("killed");
      }
    }
    const unreachable = { ...outside(), keep: () => Promise.reject(new Error("killed")) };
    await record("dying", 15);
    await expect(sealerOn(chain, unreachable).round()).rejects.toThrow("killed");
    await sealerOn().round();
    expect(await verify("dying")).toMatchObject({
      links: 15 * (2 * names.length + 1),
      waiting: 0,
      findings: [],
    });
  });

  test("says for how long something has waited", async () => {
    const sealer = sealerOn({ ...chain, seal: () => Promise.reject(new Error("killed")) });
    await record("waiting", 1);
    await expect(sealer.round()).rejects.toThrow();
    now += 9_000;
    expect(sealer.unsealedSeconds()).toBeGreaterThanOrEqual(9);
    await sealerOn().round();
    await sealer.round();
    expect(sealer.unsealedSeconds()).toBe(0);
  });
});

function dying(name: keyof AuditChain, when: "before" | "after"): AuditChain {
  return new Proxy(chain, {
    get: (target, key, receiver) => {
      const real: unknown = Reflect.get(target, key, receiver);
      if (key !== name || typeof real !== "function") return real;
      return async (...args: unknown[]) => {
        if (when === "after") await Reflect.apply(real, target, args);
        throw new Error("killed");
      };
    },
  });
}

describe("behind our back, each found where it is", () => {
  test("one flipped bit", async () => {
    const org = await clinic("flipped");
    const id = await entryAt(org, 17);
    // 16 is 10000 in binary: its last bit.
    await behind(
      `update audit_entry set detail = jsonb_set(detail, '{seq}', '17') where id = $1 and detail->>'seq' = '16'`,
      [id],
    );
    expect(await found(org)).toEqual([["altered", 17]]);
    expect((await verify(org)).findings[0]).toMatchObject({ entry: id, at: now });
  });

  test("one deleted row", async () => {
    const org = await clinic("deleted");
    const id = await entryAt(org, 23);
    await behind("delete from audit_entry where id = $1", [id]);
    expect((await verify(org)).findings).toMatchObject([{ kind: "deleted", n: 23, entry: id }]);
  });

  test("one inserted row, whether it pretends to be old or comes in with a time of the past", async () => {
    const org = await clinic("inserted");
    const [row] = await behind(
      `insert into audit_entry (org, at, actor, action, tx)
       select org, at, 'mallory', 'x', tx from audit_entry where id = $1 returning id`,
      [await entryAt(org, 9)],
    );
    expect((await verify(org)).findings).toMatchObject([{ kind: "inserted", entry: Number(row?.id) }]);
    await behind("delete from audit_entry where id = $1", [row?.id]);
    const [late] = await behind(
      "insert into audit_entry (org, at, actor, action) values ($1, $2, 'mallory', 'x') returning id",
      [org, now - 3_600_000],
    );
    await sealerOn().round();
    expect((await verify(org)).findings).toMatchObject([
      { kind: "backdated", n: entries + 1, entry: Number(late?.id) },
    ]);
  });

  test("two swapped rows", async () => {
    const org = await clinic("swapped");
    const [a, b] = [await entryAt(org, 5), await entryAt(org, 31)];
    await behind(
      `update audit_entry e set (at, actor, action, subject, detail, tx) =
         (select at, actor, action, subject, detail, tx from audit_entry o where o.id = case e.id when $1 then $2::bigint else $1 end)
       where id in ($1::bigint, $2)`,
      [a, b],
    );
    expect((await verify(org)).findings).toMatchObject([
      { kind: "reordered", n: 5, entry: a, other: b },
      { kind: "reordered", n: 31, entry: b, other: a },
    ]);
  });

  test("a tail written anew with its seals, by whoever has no key: by the checkpoints, in the database or outside", async () => {
    const org = await clinic("rewritten");
    const id = await entryAt(org, 42);
    await behind("update audit_entry set actor = 'mallory' where id = $1", [id]);
    await forge(org, 42);
    const { findings } = await verify(org);
    expect(findings).toMatchObject([{ kind: "rewritten", n: 42, until: entries, entry: id }]);
    // Without what is kept outside, the checkpoints in the database still tell, for their own places.
    expect(await found(org, async () => [])).toEqual([["rewritten", entries, entries]]);
    await behind("delete from audit_checkpoint where org = $1", [org]);
    expect((await verify(org)).findings).toContainEqual(
      expect.objectContaining({ kind: "rewritten", n: 42 }),
    );
    expect(await found(org)).toContainEqual(["checkpoint_missing", entries]);
  });

  test("and with a checkpoint signed by a key that somebody brought in", async () => {
    const org = await clinic("brought");
    await behind("update audit_entry set actor = 'mallory' where id = $1", [await entryAt(org, 3)]);
    await forge(org, 3);
    const foreign = createAuditKeys(
      database.db,
      createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]])),
      () => now,
    );
    const [head] = await behind("select n, hash from audit_head where org = $1", [org]);
    const forged = await foreign.sign({
      org,
      n: entries,
      hash: String(head?.hash),
      at: now,
      previous: 0,
      segment: "",
    });
    await behind("delete from audit_checkpoint where org = $1", [org]);
    await behind(
      `insert into audit_checkpoint (org, n, hash, at, previous, segment, kid, signature, kept_at)
       values ($1, $2, $3, $4, 0, '', $5, $6, 1)`,
      [org, entries, forged.hash, now, forged.kid, forged.signature],
    );
    expect(await found(org)).toContainEqual(["rewritten", 3, entries]);
    expect(await found(org, async () => [])).toEqual([["checkpoint_forged", entries]]);
  });

  test("a tail cut off with everything about it: by what is kept outside", async () => {
    const org = await clinic("cut");
    await behind(
      "delete from audit_entry where id in (select entry from audit_seal where org = $1 and n > 50)",
      [org],
    );
    await behind("delete from audit_seal where org = $1 and n > 50", [org]);
    expect(await found(org, async () => [])).toEqual([["truncated", 51, entries]]);
    await behind("delete from audit_checkpoint where org = $1 and n > 50", [org]);
    expect(await found(org, async () => [])).toEqual([]);
    expect(await found(org)).toEqual([
      ["checkpoint_missing", entries],
      ["truncated", 51, entries],
    ]);
  });

  test("a checkpoint outside that is gone or was changed", async () => {
    const org = await clinic("archive");
    await record(org, 30);
    await sealerOn().round();
    const all = await outside().all(org);
    expect(all.map(({ n }) => n)).toEqual([entries, 90]);
    expect(await found(org, async () => all.slice(1))).toEqual([["checkpoint_missing", entries]]);
    const changed = all.map((one) => ({ ...one, at: one.at + (one.n === 90 ? 1 : 0) }));
    expect(await found(org, async () => changed)).toEqual([["checkpoint_forged", 90]]);
  });

  test("and then no checkpoint is made of it", async () => {
    const org = await clinic("signed");
    await record(org, 10);
    await expect(
      sealerOn({ ...chain, unkept: () => Promise.reject(new Error("killed")) }).round(),
    ).rejects.toThrow();
    await behind("update audit_seal set hash = $2 where org = $1 and n = 65", [org, hash("sha256", "x")]);
    await sealerOn().round();
    expect((await outside().all(org)).map(({ n }) => n)).toEqual([entries]);
  });
});

/** Makes the chain anew from a place on, as whoever knows how but has no key. */
async function forge(org: string, from: number): Promise<void> {
  const rows = await behind(
    `select s.n::int, e.id::int, e.tx::text, e.org, e.at::float8, e.actor, e.action, e.kind, e.room, e.subject, e.detail
     from audit_seal s join audit_entry e on e.id = s.entry where s.org = $1 and s.n >= $2 order by s.n`,
    [org, from],
  );
  const [before] = await behind("select hash from audit_seal where org = $1 and n = $2", [org, from - 1]);
  let previous = String(before?.hash);
  const hashes = rows.map(({ n, ...entry }) => {
    previous = hash("sha256", canonicalJson({ v: 1, n, previous, entry }));
    return previous;
  });
  await behind(
    `update audit_seal s set hash = f.hash
     from unnest($3::text[]) with ordinality as f(hash, i) where s.org = $1 and s.n = $2::bigint + f.i - 1`,
    [org, from, hashes],
  );
  await behind("update audit_head set hash = $2 where org = $1", [org, previous]);
}
