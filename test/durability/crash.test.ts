import { expect, onTestFinished, test } from "vitest";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import { startTestServer, type TestServer } from "./server.ts";
import { readEmbeddedRows, readRows } from "./store.ts";
import { seedOf, type TrialResult, trial } from "./trial.ts";

const patience = 300_000;

test(
  "ten kills of the server on PostgreSQL lose, double and reorder nothing, and clients recover by themselves",
  async () => {
    const { postgres, url } = await durablePostgres();
    const server = await startServer(url);
    const result = await trial({
      servers: [server.url],
      seed: seedOf("server on PostgreSQL"),
      breaks: 10,
      breakIt: () => killServer(server),
      readRows: (chats) => readRows(url, chats),
    });
    expectAllWell(result);
    await postgres.stop("fast");
  },
  patience,
);

test(
  "five kills of the server on the embedded database lose, double and reorder nothing",
  async () => {
    const server = await startServer(null);
    const result = await trial({
      servers: [server.url],
      seed: seedOf("server on the embedded database"),
      breaks: 5,
      breakIt: () => killServer(server),
      readRows: async (chats) => {
        await server.kill();
        return readEmbeddedRows(server.dataDir, chats);
      },
    });
    expectAllWell(result);
  },
  patience,
);

test(
  "immediate stops of PostgreSQL lose nothing, and the server lives through them",
  async () => {
    const { postgres, url } = await durablePostgres();
    const server = await startServer(url);
    const result = await trial({
      servers: [server.url],
      seed: seedOf("PostgreSQL"),
      breaks: 5,
      breakIt: async () => {
        await postgres.stop("immediate");
        await postgres.start();
        return "PostgreSQL was stopped at once and started again";
      },
      readRows: (chats) => readRows(url, chats),
    });
    expect(server.alive(), server.output()).toBe(true);
    expectAllWell(result);
  },
  patience,
);

async function durablePostgres(): Promise<{ postgres: Postgres; url: string }> {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.dispose());
  const url = await postgres.createDatabase("hugmedo");
  await assertDurable(url);
  return { postgres, url };
}

async function startServer(databaseUrl: string | null): Promise<TestServer> {
  const server = await startTestServer({ databaseUrl });
  onTestFinished(() => server.dispose());
  return server;
}

async function killServer(server: TestServer): Promise<string> {
  await server.kill();
  await server.start();
  return "the server was killed and started again";
}

function expectAllWell(result: TrialResult): void {
  const { report, unsettled, verdict, messagesPerSecond, settledIn } = result;
  console.info(JSON.stringify(verdict), { messagesPerSecond, settledIn });
  expect(report).toBe("nothing is wrong");
  expect(unsettled).toEqual([]);
  expect(verdict.acked).toBeGreaterThan(1_000);
}
