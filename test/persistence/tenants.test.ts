import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { databaseKinds, openDatabase } from "./databases.ts";

describe.each(databaseKinds)("an organisation's own database (%s)", (kind) => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(kind);
    for (const org of ["north", "south"]) {
      await database.db.insertInto("org").values({ id: org, name: org }).execute();
      await database.db.insertInto("org_setting").values({ org, name: "colour", value: "1" }).execute();
    }
  }, 120_000);
  afterAll(() => database.close());

  const settings = (org: string) => database.tenants(org).selectFrom("org_setting").selectAll().execute();

  it("has its own rows alone, whatever is asked", async () => {
    const found = await Promise.all(["north", "south", "north", "east", "south"].map(settings));
    expect(found.map((rows) => rows.map((row) => row.org))).toEqual([
      ["north"],
      ["south"],
      ["north"],
      [],
      ["south"],
    ]);
    expect(await database.db.selectFrom("org_setting").selectAll().execute()).toHaveLength(2);
  });

  it("takes no rows for others, and gives none away", async () => {
    const north = database.tenants("north");
    const foreign = north.insertInto("org_setting").values({ org: "south", name: "size", value: "1" });
    await expect(foreign.execute()).rejects.toThrow(/row-level security/);
    await expect(north.updateTable("org_setting").set({ org: "south" }).execute()).rejects.toThrow(
      /row-level security/,
    );
    await north.deleteFrom("org_setting").where("org", "=", "south").execute();
    expect(await settings("south")).toHaveLength(1);
  });

  it("does in a transaction all or nothing, and leaves the connection to the next as it was", async () => {
    const north = database.tenants("north");
    const broken = north.transaction().execute(async (tx) => {
      await tx.updateTable("org_setting").set({ value: "2" }).execute();
      await sql`select 1 / 0`.execute(tx);
    });
    await expect(broken).rejects.toThrow(/division/);
    expect(await settings("north")).toMatchObject([{ value: 1 }]);
    await north.transaction().execute((tx) => tx.updateTable("org_setting").set({ value: "3" }).execute());
    expect(await settings("north")).toMatchObject([{ value: 3 }]);
    expect(await settings("south")).toMatchObject([{ value: 1 }]);
    expect(await database.db.selectFrom("org").selectAll().execute()).toHaveLength(2);
  });

  it("may not see what is the engine's", async () => {
    await expect(database.tenants("north").selectFrom("command").selectAll().execute()).rejects.toThrow(
      /permission denied/,
    );
  });
});
