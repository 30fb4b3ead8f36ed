import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Anchor } from "../../core/domain/audit/chain.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import { type AuditChain, createAuditChain } from "../../core/platform/records/audit-chain.ts";
import { exportAudit, verifyExport } from "../../core/platform/records/audit-export.ts";
import { type AuditKeys, createAuditKeys } from "../../core/platform/records/audit-keys.ts";
import { countedAudit, retainedAudit } from "../../core/platform/records/audit-retention.ts";
import {
  archives,
  type CheckpointArchive,
  fileArchive,
  objectArchive,
  readCopy,
} from "../../core/platform/records/checkpoint-archive.ts";
import {
  alignRecordings,
  createKeptRecordings,
  keepRecordingsMs,
} from "../../core/platform/records/kept-recordings.ts";
import { createSealer } from "../../core/platform/records/sealer.ts";
import { verifyAudit } from "../../core/platform/records/verify-audit.ts";
import { type Audit, createAudit } from "../../core/platform/repositories/audit.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";

const log = createLogger({ level: "silent", process: "test" });
const nobody: ReadonlySet<string> = new Set();
const dayMs = 86_400_000;
const folder = temporaryFolder("audit-retention");
const file = `${folder.path}/checkpoints.jsonl`;
let postgres: Postgres;
let database: Database;
let audit: Audit;
let keys: AuditKeys;
let chain: AuditChain;
let archive: CheckpointArchive;
let now = Date.now();

const behind = (text: string, values: readonly unknown[] = []) => query(postgres.url, text, values);
const parts = () => ({ chain, keys, archive, log, now: () => now });
const remove = (org: string, held = nobody, time = now - 10 * dayMs) =>
  retainedAudit(parts()).removeBefore(org, time, held);
const verify = (org: string) =>
  verifyAudit(
    {
      ...{ chain, isSigned: keys.verify, kept: archive.all, keptAnchors: archive.anchors },
      now: () => now,
    },
    org,
  );
const found = async (org: string) => (await verify(org)).findings.map(({ kind, n }) => [kind, n]);

/** Entries of thirty days, ten a day, each day with a checkpoint. */
async function clinic(org: string): Promise<string> {
  const end = now;
  for (let day = 30; day > 0; day -= 1) {
    now = end - day * dayMs;
    await audit.recordAll(
      Array.from({ length: 10 }, () => ({ org, at: now, actor: "anna", action: "x", subject: "hana" })),
    );
    const sealing = { everyMs: 50, checkpointEntries: 10, checkpointMs: 60_000 };
    await createSealer({ ...parts(), ...sealing }).round();
  }
  now = end;
  return org;
}

beforeAll(async () => {
  postgres = await startPostgres();
  database = await openPostgres(postgres.url, 4);
  audit = createAudit(database.db, database.tenants);
  const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  keys = createAuditKeys(database.db, ring, () => now);
  chain = createAuditChain(database.db);
  archive = archives([objectArchive(createDirectoryStore(`${folder.path}/objects`)), fileArchive(file)]);
}, 400_000);
afterAll(async () => {
  await database.close();
  await postgres.dispose();
  folder.remove();
});

describe("the audit's oldest entries", () => {
  test("go up to a checkpoint, and the chain is verified from there", async () => {
    const org = await clinic("plain");
    expect(await countedAudit(database.db).countBefore(org, now - 10 * dayMs, nobody)).toBe(200);
    expect(await remove(org)).toBe(200);
    expect(await remove(org)).toBe(0);
    const verdict = await verify(org);
    expect(verdict).toMatchObject({ findings: [], links: 100, last: { n: 300 } });
    expect(verdict.anchor).toMatchObject({ org, n: 200, before: now - 10 * dayMs, at: now });
    expect(await audit.list({ org, limit: 400 })).toHaveLength(100);
    // It goes on where it was, and what was signed is outside too.
    await audit.record({ org, at: now, actor: "anna", action: "y" });
    const sealing = { everyMs: 50, checkpointEntries: 1, checkpointMs: 60_000 };
    await createSealer({ ...parts(), ...sealing }).round();
    expect(await verify(org)).toMatchObject({ findings: [], links: 101, last: { n: 301 } });
    expect((await readCopy(file)).anchors.map(({ n }) => n)).toEqual([200]);
    expect((await readCopy(`${folder.path}/objects`)).anchors).toEqual(await chain.anchors(org));
    // Another ten days later its beginning is further on.
    now += 10 * dayMs;
    expect(await remove(org)).toBe(100);
    expect(await verify(org)).toMatchObject({ findings: [], links: 1, anchor: { n: 300 } });
    expect(await chain.anchors(org)).toHaveLength(1);
    now -= 10 * dayMs;
  }, 400_000);

  test("stay while a hold of the organisation stands, and are not all taken however old", async () => {
    const org = await clinic("held");
    const held = new Set(["person/somebody"]);
    expect(await countedAudit(database.db).countBefore(org, now, held)).toBe(0);
    expect(await remove(org, held)).toBe(0);
    expect(await remove(org, nobody, now + dayMs)).toBe(290);
    expect(await verify(org)).toMatchObject({ findings: [], links: 10 });
  }, 400_000);

  test("stay where one of them is not what was sealed, for whoever did that would be rid of it", async () => {
    const org = await clinic("changed");
    await behind(
      "update audit_entry set actor = 'eve' where id = (select entry from audit_seal where org = $1 and n = 57)",
      [org],
    );
    expect(await remove(org)).toBe(0);
    expect(await found(org)).toEqual([["altered", 57]]);
  }, 400_000);

  test("what is done after they went is found as before", async () => {
    const org = await clinic("after");
    expect(await remove(org)).toBe(200);
    const entryAt = "(select entry from audit_seal where org = $1 and n = $2)";
    await behind(`update audit_entry set actor = 'eve' where id = ${entryAt}`, [org, 207]);
    await behind(`delete from audit_entry where id = ${entryAt}`, [org, 214]);
    await behind("delete from audit_seal where org = $1 and n > 280", [org]);
    await behind("delete from audit_checkpoint where org = $1 and n > 280", [org]);
    const kinds = (await found(org)).map(([kind]) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["altered", "deleted", "truncated", "checkpoint_missing"]));
    expect(await found(org)).toEqual(
      expect.arrayContaining([
        ["altered", 207],
        ["deleted", 214],
        ["truncated", 281],
      ]),
    );
  }, 400_000);

  test("no more of them can be taken than was signed: not by taking more, nor by saying so", async () => {
    const org = await clinic("beyond");
    expect(await remove(org)).toBe(200);
    const [anchor] = await chain.anchors(org);
    if (!anchor) throw new Error("there is none");
    // Everything up to the next checkpoint, as retention would have done it, and the anchor moved on.
    const beyond = async (signed: Anchor) => {
      await behind(
        "delete from audit_entry e using audit_seal s where s.org = $1 and s.n <= 220 and e.id = s.entry",
        [org],
      );
      await behind("delete from audit_seal where org = $1 and n <= 220", [org]);
      await behind("delete from audit_checkpoint where org = $1 and n < 220", [org]);
      await behind("update audit_anchor set n = 220, hash = $2, signature = $3 where org = $1", [
        org,
        signed.hash,
        signed.signature,
      ]);
    };
    const [seal] = await behind("select hash from audit_seal where org = $1 and n = 220", [org]);
    await beyond({ ...anchor, hash: String(seal?.hash) });
    const all = await found(org);
    expect(all).toEqual(
      expect.arrayContaining([
        ["anchor_forged", 220],
        ["anchor_missing", 200],
        ["seal_missing", 201],
      ]),
    );
    // Nor by taking the anchor away: the one outside counts, and without that, everything before is missing.
    await behind("delete from audit_anchor where org = $1", [org]);
    expect(await found(org)).toEqual(
      expect.arrayContaining([
        ["anchor_missing", 200],
        ["seal_missing", 201],
      ]),
    );
    const inside = { chain, isSigned: keys.verify, kept: async () => [], keptAnchors: async () => [] };
    const { findings } = await verifyAudit({ ...inside, now: () => now }, org);
    expect(findings).toContainEqual(expect.objectContaining({ kind: "seal_missing", n: 1, until: 220 }));
  }, 400_000);

  test("are out of reach for the engine but by that one way", async () => {
    const org = await clinic("reach");
    const { db } = database;
    for (const table of ["audit_entry", "audit_seal", "audit_checkpoint", "audit_anchor"] as const)
      await expect(db.deleteFrom(table).where("org", "=", org).execute()).rejects.toThrow(
        /permission denied/,
      );
    const [checkpoint] = await chain.checkpoints(org);
    if (!checkpoint) throw new Error("there is none");
    const { n, hash } = checkpoint;
    const signed = await keys.signAnchor({ org, n, hash: "0".repeat(64), at: now, before: now });
    await expect(chain.forget(signed)).rejects.toThrow("up to an anchor alone");
    await expect(chain.forget({ ...signed, n: n + 1, hash })).rejects.toThrow("up to an anchor alone");
    expect(await verify(org)).toMatchObject({ findings: [], links: 300, anchor: null });
  }, 400_000);

  test("an export says where it begins, and that is signed", async () => {
    const org = await clinic("exported");
    await remove(org);
    const sources = { chain, keys: keys.publicKeys, kept: archive.each, now: () => now };
    const text = async (from: number) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of exportAudit(sources, org, { from, to: now })) pieces.push(piece);
      return Buffer.concat(pieces).toString();
    };
    const trusted = await keys.publicKeys();
    const whole = await text(0);
    expect(verifyExport(whole, trusted)).toMatchObject({ findings: [], links: 100, anchor: { n: 200 } });
    const forged = whole.replace(/("anchor":\{[^}]*"before":)\d+/, "$11");
    expect(verifyExport(forged, trusted)).toMatchObject({
      anchor: null,
      findings: [{ kind: "anchor_forged" }],
    });
    expect(verifyExport(await text(now - 5 * dayMs), trusted)).toMatchObject({ findings: [], anchor: null });
  }, 400_000);
});

describe("recordings", () => {
  const org = "clinic";
  const told: unknown[] = [];
  let answer: Error | null = null;
  const align = () =>
    alignRecordings({
      ...{ db: database.db, log, otherwise: 365 * dayMs },
      ask: async (of, ref, name, payload) => {
        if (answer) throw answer;
        told.push([of, ref.id, name, payload]);
      },
    });
  const settle = (days: number | null) =>
    behind(
      `insert into retention_rule (org, kind, days, changed_at, changed_by) values ($1, 'recordings', $2, 0, 'admin')
       on conflict (org, kind) do update set days = excluded.days`,
      [org, days],
    );

  test("are kept for as long as their organisation says, also those that are there already", async () => {
    const index = createKeptRecordings(database.db, database.tenants, () => now);
    await index.finished({ org, visit: "v1", recording: "0123456789abcdef" });
    await index.finished({ org, visit: "v1", recording: "0123456789abcdef" });
    expect(await align()).toBe(0);
    expect(await keepRecordingsMs(database.tenants, org, 365 * dayMs)).toBe(365 * dayMs);
    await settle(30);
    expect(await keepRecordingsMs(database.tenants, org, 365 * dayMs)).toBe(30 * dayMs);
    // What passes is tried again.
    answer = new DomainError("busy");
    expect(await align()).toBe(0);
    answer = null;
    expect([await align(), await align()]).toEqual([1, 0]);
    await settle(null);
    expect([await align(), await align()]).toEqual([1, 0]);
    expect(told).toMatchObject([
      [org, "v1", "recording.keep", { recording: "0123456789abcdef", until: now + 30 * dayMs }],
      [org, "v1", "recording.keep", { recording: "0123456789abcdef", until: now + 365 * dayMs }],
    ]);
  });

  test("that a hold keeps are listed until they go", async () => {
    const index = createKeptRecordings(database.db, database.tenants, () => now);
    const which = { org, visit: "v1", recording: "0123456789abcdef" };
    const since = now;
    await index.held(which);
    now += 1_000;
    await index.held(which);
    await index.held({ org, visit: "v0", recording: "fedcba9876543210" });
    expect(await index.listHeld(org)).toEqual([
      { visit: "v1", recording: which.recording, patient: null, finishedAt: since, dueAt: since },
      { visit: "v0", recording: "fedcba9876543210", patient: null, finishedAt: null, dueAt: now },
    ]);
    expect(await index.listHeld("other")).toEqual([]);
    await index.removed(which);
    expect(await index.listHeld(org)).toHaveLength(1);
  });
});
