import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { createOrgSettings } from "../../core/platform/repositories/org-settings.ts";
import { openInMemory } from "../support/in-memory.ts";

let database: Database;
let time = 0;

beforeAll(async () => {
  database = await openInMemory();
});
afterAll(() => database.close());

test("an organisation's order is its own, and other processes see it within seconds", async () => {
  const [here, there] = [
    createOrgSettings(database.tenants, () => time),
    createOrgSettings(database.tenants, () => time),
  ];
  expect(await there.mediaOrder("a")).toBeNull();
  await here.setMediaOrder("a", ["peer", "chime"]);
  expect(await here.mediaOrder("a")).toEqual(["peer", "chime"]);
  expect(await here.mediaOrder("b")).toBeNull();
  expect(await there.mediaOrder("a")).toBeNull();
  time += 3_000;
  expect(await there.mediaOrder("a")).toEqual(["peer", "chime"]);
  await here.setMediaOrder("a", ["mediasoup"]);
  expect(await here.mediaOrder("a")).toEqual(["mediasoup"]);
  await here.setMediaOrder("a", null);
  await here.setMediaOrder("a", null);
  expect(await here.mediaOrder("a")).toBeNull();
});

test("what could not be read is read again", async () => {
  const settings = createOrgSettings(database.tenants, () => time);
  await settings.setMediaOrder("c", ["peer"]);
  await database.db.updateTable("org_setting").set({ value: '["fax"]' }).where("org", "=", "c").execute();
  await expect(settings.mediaOrder("c")).rejects.toThrow();
  await database.db.updateTable("org_setting").set({ value: '["chime"]' }).where("org", "=", "c").execute();
  expect(await settings.mediaOrder("c")).toEqual(["chime"]);
});
