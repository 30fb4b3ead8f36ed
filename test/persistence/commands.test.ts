import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type Paper } from "./written-room.ts";

const ref = { kind: "chat", id: "room" } as const;
const written = 2_000;

describe.each(databaseKinds)("recorded commands, %s", (kind) => {
  let database: Database;
  let paper: Paper;

  beforeAll(async () => {
    database = await openDatabase(kind);
    paper = createPaper(database);
    const room = await paper.room(ref);
    for (let n = 1; n <= written; n += 200) {
      const seqs = Array.from({ length: 200 }, (_, i) => n + i);
      const events = seqs.map((at) => ({ at, by: "ann", event: { type: "chat.read" } }));
      const commands = seqs.map((seq) => ({
        principal: "ann",
        id: `command-${seq}`,
        mac: Buffer.alloc(16, seq),
        firstSeq: seq,
        lastSeq: seq,
      }));
      expect(await paper.journal.append([room.part(events, { commands })])).toEqual(["appended"]);
    }
  });
  afterAll(() => database.close());

  /** Rows and index entries of both tables that were read so far. */
  const read = async (): Promise<number> => {
    await sql`select pg_stat_force_next_flush()`.execute(database.db);
    const { rows } = await sql<{ read: number }>`
      select (
        (select sum(seq_tup_read) from pg_stat_user_tables where relname in ('command', 'journal')) +
        (select sum(idx_tup_read) from pg_stat_user_indexes where relname in ('command', 'journal'))
      )::int as read`.execute(database.db);
    return rows[0]?.read ?? Number.NaN;
  };

  it("are found with their first result, and those never recorded are left out", async () => {
    const wanted = ["command-7", "command-none", "command-1999"].map((id) => ({ principal: "ann", id }));
    const found = await paper.journal.findCommands(ref, [...wanted, { principal: "bob", id: "command-8" }]);
    const inOrder = found.sort((a, b) => a.at - b.at);
    expect(inOrder.map(({ mac, ...rest }) => ({ ...rest, mac: Buffer.from(mac).toString("hex") }))).toEqual(
      [7, 1999].map((seq) => ({
        principal: "ann",
        id: `command-${seq}`,
        firstSeq: seq,
        lastSeq: seq,
        at: seq,
        mac: Buffer.alloc(16, seq).toString("hex"),
      })),
    );
  });

  it("are looked up by key, also while the planner knows nothing of the tables", async () => {
    const lookups = 20;
    await read();
    const before = await read();
    for (let n = 1; n <= lookups; n += 1) {
      await paper.journal.findCommands(ref, [{ principal: "ann", id: `command-${n}` }]);
    }
    await read();
    expect((await read()) - before).toBeLessThanOrEqual(4 * lookups);
  });
});
