import { assertDurable, query, startPostgres } from "../../test/support/postgres.ts";
import { describeMachine } from "../machine.ts";
import { measure } from "./measure.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { readersOf, report } from "./report.ts";
import { indexAll, makeWorld } from "./world.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/**
 * The search benchmark: how fast messages are found in what is encrypted, and whether all of them are, against a plain look at
 * everything that the reader may read. Returns the exit code.
 */
export async function search(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    say(usage);
    return 0;
  }
  const options = readOptions(args);
  const postgres = await startPostgres({ settings: { shared_buffers: "512MB", max_wal_size: "4GB" } });
  try {
    return (await run(postgres.url, options)) ? 0 : 1;
  } finally {
    await postgres.dispose();
  }
}

async function run(url: string, options: Options): Promise<boolean> {
  const machine = await describeMachine(url);
  const since = performance.now();
  say(machine.summary);
  await assertDurable(url);
  const world = await makeWorld(url, options);
  try {
    say(`${options.messages} messages in ${options.rooms} rooms after ${seconds(since)} s`);
    const perSecond = await indexAll(world);
    await query(url, "vacuum analyze search_doc");
    const bytes = await sizes(url);
    say(
      `indexed: ${perSecond.toFixed(0)} messages/s, ${(bytes.index / 1e6).toFixed(0)} MB beside ${(bytes.journal / 1e6).toFixed(0)} MB of journal`,
    );
    const measured = await measure(world, options.rounds, say);
    say(`\n${report(measured)}`);
    const readers = readersOf(measured);
    if (options.json) say(JSON.stringify({ ...options, perSecond, bytes, readers, ...measured, machine }));
    return readers.every(({ recall, precision }) => recall === 1 && precision === 1);
  } finally {
    await world.database.close();
  }
}

async function sizes(url: string): Promise<{ readonly index: number; readonly journal: number }> {
  const [row] = await query(
    url,
    "select pg_total_relation_size('search_doc')::float8 as index, pg_total_relation_size('journal')::float8 as journal",
  );
  return { index: Number(row?.index), journal: Number(row?.journal) };
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(0);
}
