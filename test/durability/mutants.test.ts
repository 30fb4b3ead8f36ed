import { expect, onTestFinished, test } from "vitest";
import type { ViolationType } from "../checker/violation.ts";
import { assertDurable, type Postgres, query, startPostgres } from "../support/postgres.ts";
import { removeFence } from "./remove-fence.ts";
import { startTestServer, type TestServer } from "./server.ts";
import { readRows } from "./store.ts";
import { seedOf, type TrialResult, trial } from "./trial.ts";

const patience = 120_000;
/** What people were shown has never come to be; they are not waited for. Other mutants: test/cluster/chaos-mutants.test.ts. */
const settleWithin = 3_000;

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
    console.info(result.report);
    // What is lost last may be messages or where somebody has read to.
    const { lost, receiptsRegressed } = result.verdict;
    expect(lost + receiptsRegressed, result.report).toBeGreaterThan(0);
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

async function startDatabase(settings: Readonly<Record<string, string | number>> = {}): Promise<Postgres> {
  const postgres = await startPostgres({ settings });
  onTestFinished(() => postgres.dispose());
  return postgres;
}

async function startServer(databaseUrl: string): Promise<TestServer> {
  const server = await startTestServer({ databaseUrl });
  onTestFinished(() => server.dispose());
  return server;
}

function expectFound({ verdict, report }: TrialResult, types: readonly ViolationType[]): void {
  console.info(report);
  for (const type of types) expect(verdict[type], report).toBeGreaterThan(0);
}
