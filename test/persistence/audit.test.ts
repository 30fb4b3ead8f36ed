import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { type Audit, createAudit } from "../../core/platform/repositories/audit.ts";
import { databaseKinds, openDatabase } from "./databases.ts";

const queue = { kind: "waiting", id: "demo" } as const;
const visit = { kind: "consultation", id: "demo" } as const;

describe.each(databaseKinds)("the audit's entries, %s", (kind) => {
  let database: Database;
  let audit: Audit;

  beforeAll(async () => {
    database = await openDatabase(kind);
    audit = createAudit(database.db, database.tenants);
    await audit.record({ org: "clinic", at: 1, actor: "anna", action: "queue.metrics", room: queue });
    await audit.record({
      org: "clinic",
      at: 3,
      actor: "anna",
      action: "visit.history",
      room: visit,
      subject: "patient",
      detail: { seq: 7, fields: ["notes"] },
    });
    await audit.record({ org: "clinic", at: 3, actor: "ben", action: "room.history", room: queue });
    await audit.record({ org: "clinic", at: 2, actor: "ben", action: "people.search" });
    await audit.record({ org: "other", at: 4, actor: "eve", action: "room.history", room: queue });
  });
  afterAll(() => database.close());

  it("are listed newest first, of one organisation", async () => {
    const entries = await audit.list({ org: "clinic", limit: 10 });
    expect(entries.map(({ at, actor }) => [at, actor])).toEqual([
      [3, "ben"],
      [3, "anna"],
      [2, "ben"],
      [1, "anna"],
    ]);
    expect(await audit.list({ org: "clinic", limit: 2 })).toEqual(entries.slice(0, 2));
  });

  it("say what they were told, and nothing where they were told nothing", async () => {
    const [, full, bare] = await audit.list({ org: "clinic", limit: 10 });
    expect(full).toEqual({
      id: expect.any(Number),
      at: 3,
      actor: "anna",
      action: "visit.history",
      room: visit,
      subject: "patient",
      detail: { seq: 7, fields: ["notes"] },
    });
    expect(bare).toMatchObject({ action: "people.search", room: null, subject: null, detail: {} });
  });

  it("are told to be unavailable where they cannot be written, whatever the database says", async () => {
    const entry = { org: "clinic", at: 5, actor: "ben", action: "x", detail: { text: "\u0000" } };
    await expect(audit.record(entry)).rejects.toMatchObject({ code: "unavailable" });
    await expect(audit.recordAll([entry])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("are found by their room, which its kind is a part of", async () => {
    const entries = await audit.list({ org: "clinic", room: queue, limit: 10 });
    expect(entries.map(({ action }) => action)).toEqual(["room.history", "queue.metrics"]);
  });

  it.each(["update audit_entry set actor = 'nobody'", "delete from audit_entry", "truncate audit_entry"])(
    "cannot be unmade by the engine: %s",
    async (statement) => {
      await expect(sql.raw(statement).execute(database.db)).rejects.toMatchObject({ code: "42501" });
      expect(await audit.list({ org: "clinic", limit: 10 })).toHaveLength(4);
    },
  );
});
