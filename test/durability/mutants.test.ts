import { expect, onTestFinished, test } from "vitest";
import type { ViolationType } from "../checker/violation.ts";
import { assertDurable, type Postgres, query, startPostgres } from "../support/postgres.ts";
import type { Fault } from "./faults.ts";
import { startTestServer, type TestServer } from "./server.ts";
import { readRows } from "./store.ts";
import { seedOf, type TrialResult, trial } from "./trial.ts";

const patience = 120_000;
/** Faulty servers show people things that never come to be; those people are not waited for. */
const settleWithin = 3_000;

test(
  "an acknowledgement before the commit is found",
  async () => {
    const result = await killed("early-acknowledgement");
    expectFound(result, ["lost"]);
    expectFound(result, ["seenBeforeCommit"]);
  },
  patience,
);

test(
  "a repeat that is not recognised is found",
  async () => {
    expectFound(await killed("no-dedupe"), ["duplicated"]);
  },
  patience,
);

test(
  "the same kills find nothing where repeats are recognised, however late the answers",
  async () => {
    expect((await killed("slow-answers")).report).toBe("nothing is wrong");
  },
  patience,
);

test(
  "a commit that is not flushed when it is acknowledged is found when the database stops",
  async () => {
    const postgres = await startDatabase({
      synchronous_commit: "off",
      wal_writer_delay: "10s",
      wal_writer_flush_after: 2_147_483_647,
      bgwriter_lru_maxpages: 0,
    });
    await expect(assertDurable(postgres.url)).rejects.toThrow("synchronous_commit is off");
    const server = await startServer(postgres.url);
    const result = await trial({
      servers: [server.url],
      seed: seedOf("synchronous_commit=off"),
      prepared: () => query(postgres.url, "checkpoint"),
      breaks: 1,
      breakIt: async () => {
        await postgres.stop("immediate");
        await postgres.start();
        return "PostgreSQL was stopped at once and started again";
      },
      readRows: (chats) => readRows(postgres.url, chats),
      settleWithin,
    });
    expectFound(result, ["lost"]);
  },
  patience,
);

test(
  "two owners of one room are found where the database does not refuse one of them",
  async () => {
    const postgres = await startDatabase();
    expectFound(await twoOwners(postgres, () => removeFence(postgres.url)), ["duplicated"]);
  },
  patience,
);

test(
  "two owners of one room harm nothing where it does",
  async () => {
    const postgres = await startDatabase();
    expect((await twoOwners(postgres, async () => undefined)).report).toBe("nothing is wrong");
  },
  patience,
);

async function killed(fault: Fault): Promise<TrialResult> {
  const postgres = await startDatabase();
  const server = await startServer(postgres.url, fault);
  return trial({
    servers: [server.url],
    seed: seedOf(fault),
    breaks: 2,
    breakIt: async () => {
      await server.kill();
      await server.start();
      return "the server was killed and started again";
    },
    readRows: (chats) => readRows(postgres.url, chats),
    settleWithin: fault === "slow-answers" ? 30_000 : settleWithin,
  });
}

/** People in the same rooms by two servers that know nothing of each other. */
async function twoOwners(postgres: Postgres, spoil: () => Promise<unknown>): Promise<TrialResult> {
  const first = await startServer(postgres.url);
  const second = await startTestServer({ databaseUrl: postgres.url, dataDir: first.dataDir });
  onTestFinished(() => second.dispose());
  return trial({
    servers: [first.url, second.url],
    seed: seedOf("two owners"),
    prepared: spoil,
    breaks: 0,
    breakIt: async () => "nothing",
    rooms: 3,
    rate: 30,
    lastAcks: 150,
    // An owner that was replaced while nobody wrote does not know it yet, and would answer from memory.
    rested: async () => {
      await Promise.all([first.kill(), second.kill()]);
      await first.start();
    },
    readRows: (chats) => readRows(postgres.url, chats),
    settleWithin,
  });
}

/** The database takes whatever an owner sends, whichever epoch and seq it has. */
async function removeFence(url: string): Promise<void> {
  const [row] = await query(url, "select pg_get_functiondef('journal_append'::regproc) as sql");
  const fence = "where o.epoch = r.epoch and o.next_seq = r.seq";
  const original = String(row?.sql);
  expect(original).toContain(fence);
  await query(url, original.replace(fence, "").replace("skip locked", ""));
  await query(url, "alter table journal drop constraint journal_pkey");
}

async function startDatabase(settings: Readonly<Record<string, string | number>> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ settings });
  onTestFinished(() => postgres.dispose());
  return postgres;
}

async function startServer(databaseUrl: string, fault: Fault | null = null): Promise<TestServer> {
  const server = await startTestServer({ databaseUrl, fault });
  onTestFinished(() => server.dispose());
  return server;
}

function expectFound({ verdict, report }: TrialResult, types: readonly ViolationType[]): void {
  console.info(report);
  for (const type of types) expect(verdict[type], report).toBeGreaterThan(0);
}
