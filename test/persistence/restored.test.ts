import { execFile } from "node:child_process";
import { createSecretKey, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import { readCursor, writeCursor } from "../../core/platform/journal/cursor.ts";
import { createFeed, type FeedCursor, feedStart } from "../../core/platform/journal/feed.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createAuditChain } from "../../core/platform/records/audit-chain.ts";
import { createAuditKeys } from "../../core/platform/records/audit-keys.ts";
import { archives } from "../../core/platform/records/checkpoint-archive.ts";
import { createSealer } from "../../core/platform/records/sealer.ts";
import { verifyAudit } from "../../core/platform/records/verify-audit.ts";
import { createAudit } from "../../core/platform/repositories/audit.ts";
import { type Postgres, query, startPostgres } from "../support/postgres.ts";
import { temporaryFolder } from "../support/processes.ts";
import { findTool } from "../support/tools.ts";
import { createPaper, type WrittenRoom } from "./written-room.ts";

const run = promisify(execFile);
const log = createLogger({ level: "silent" });
const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
const roles = "create role hugmedo_engine nologin; create role hugmedo_tenant nologin";

async function fresh(): Promise<Postgres> {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.dispose());
  return postgres;
}

/** Uses numbers of transactions up, as months of work would. */
const use = ({ url }: Postgres, count: number) =>
  query(url, `do $$ begin for i in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`);

/** As docs/operations.md has it: the roles, and then the dump, into a server that is new. */
async function restore(from: Postgres, file: string): Promise<Postgres> {
  const bin = dirname(await findTool("initdb"));
  await run(join(bin, "pg_dump"), ["--format=custom", `--file=${file}`, from.url]);
  const to = await fresh();
  await query(to.url, roles);
  await run(join(bin, "pg_restore"), ["--exit-on-error", "--no-owner", `--dbname=${to.url}`, file]);
  return to;
}

async function open(postgres: Postgres) {
  const database = await openPostgres(postgres.url, 2);
  onTestFinished(() => database.close());
  const paper = createPaper(database, ring);
  const feed = createFeed({ ...database, keys: paper.keys, log });
  const chain = createAuditChain(database.db);
  const keys = createAuditKeys(database.db, ring, Date.now);
  const sealer = createSealer({
    ...{ chain, keys, log, archive: archives([]), now: Date.now },
    ...{ everyMs: 50, checkpointEntries: 1, checkpointMs: 0 },
  });
  const audit = createAudit(database.db, database.tenants);
  return {
    database,
    paper,
    write: async (room: WrittenRoom, body: string): Promise<void> => {
      const event = { type: "test.said", body };
      const part = room.part([{ at: 1, by: "a", event }]);
      expect(await paper.journal.append([part])).toEqual(["appended"]);
    },
    read: async (after: FeedCursor, org: string | null = "clinic") => {
      const page = await feed.read({ org, after, limit: 100 });
      const said = page.entries
        .map(({ recorded }) => recorded?.event)
        .map((event) => event && "body" in event && event.body);
      return { said, next: page.next };
    },
    news: feed.news,
    record: (action: string) => audit.record({ org: "clinic", actor: "a", action, at: Date.now() }),
    seal: () => sealer.round(),
    verify: async () => {
      const { findings, links } = await verifyAudit(
        { chain, isSigned: keys.verify, kept: async () => [], keptAnchors: async () => [], now: Date.now },
        "clinic",
      );
      return { findings, links };
    },
  };
}

const timelines = ({ url }: Postgres) => query(url, "select shift from feed_timeline order by n");

it("a dump that is restored into a new server goes on: in order, without a gap, under the cursors of before", async () => {
  const folder = temporaryFolder("dump");
  onTestFinished(folder.remove);
  const first = await fresh();
  await use(first, 20_000);
  const before = await open(first);
  const room = await before.paper.room({ kind: "chat", id: "r" });
  await before.write(room, "1");
  const { next: early } = await before.read(feedStart);
  await before.write(room, "2");
  await before.record("one");
  await before.seal();
  await before.record("unsealed");
  const dumped = join(folder.path, "1");
  const second = await restore(first, dumped);
  // What is written after the dump is lost; who had it holds a cursor from there.
  await before.write(room, "lost");
  const { said, next: late } = await before.read(feedStart);
  expect(said).toEqual(["1", "2", "lost"]);

  const after = await open(second);
  expect(await timelines(second)).toHaveLength(2);
  // Everything that was there is there at once, and nobody waits for numbers to come.
  expect((await after.read(feedStart)).said).toEqual(["1", "2"]);
  expect((await after.read(early)).said).toEqual(["2"]);
  const again = await after.paper.room({ kind: "chat", id: "new" });
  await after.write(again, "3");
  await after.write(again, "4");
  const whole = await after.read(feedStart);
  expect(whole.said).toEqual(["1", "2", "3", "4"]);
  for (const org of ["clinic", null]) expect((await after.read(late, org)).said).toEqual(["3", "4"]);
  expect((await after.news(late)).orgs).toEqual(new Set(["clinic"]));
  expect(readCursor(writeCursor(whole.next))).toEqual(whole.next);
  await after.record("three");
  await after.seal();
  expect(await after.verify()).toEqual({ findings: [], links: 3 });

  // A second start changes nothing; another restore, with more behind it, does the same once more.
  await open(second);
  expect(await timelines(second)).toHaveLength(2);
  await use(second, 1_000);
  await after.write(again, "5");
  const last = await restore(second, join(folder.path, "2"));
  const third = await open(last);
  expect(await timelines(last)).toHaveLength(3);
  await third.write(await third.paper.room({ kind: "chat", id: "newer" }), "6");
  expect((await third.read(feedStart)).said).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect((await third.read(whole.next)).said).toEqual(["5", "6"]);
  await third.record("four");
  await third.seal();
  expect(await third.verify()).toEqual({ findings: [], links: 4 });
}, 180_000);

it("a server that is another, and further than this one was, is a new timeline too", async () => {
  const first = await fresh();
  const before = await open(first);
  await before.write(await before.paper.room({ kind: "chat", id: "r" }), "1");
  await query(first.url, "update feed_timeline set server = 'another'");
  const { next } = await before.read(feedStart);
  const after = await open(first);
  const [, begun] = await timelines(first);
  expect(Number(begun?.shift)).toBeGreaterThanOrEqual(2 ** 32 - 1_000_000);
  await after.write(await after.paper.room({ kind: "chat", id: "new" }), "2");
  expect((await after.read(next)).said).toEqual(["2"]);
}, 120_000);
