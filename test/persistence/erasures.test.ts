import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import type { Eraser } from "../../core/platform/records/eraser.ts";
import { createErasures, executeErasures } from "../../core/platform/records/erasure.ts";
import { createHolds } from "../../core/platform/records/holds.ts";
import { createAudit } from "../../core/platform/repositories/audit.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { openInMemory } from "../support/in-memory.ts";
import { temporaryFolder } from "../support/processes.ts";
import { createPaper } from "./written-room.ts";

const org = "clinic";
const folder = temporaryFolder("erasures");
const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
const now = Date.now;
let database: Database;
beforeAll(async () => {
  database = await openInMemory();
  await database.db.insertInto("org").values({ id: org, name: "Clinic" }).execute();
}, 60_000);
afterAll(async () => {
  await database.close();
  folder.remove();
});

async function people(ids: readonly string[]): Promise<void> {
  await database.db
    .insertInto("person")
    .values(
      ids.map((id) => ({
        ...{ id, org, username: id, name: id, roles: ["patient" as const] },
        ...{ password: null, disabled_at: null },
      })),
    )
    .execute();
}

test("erasures that a hold stops, or that fail, keep none of those after them waiting", async () => {
  const held = Array.from({ length: 25 }, (_, i) => `held-${i}`);
  await people([...held, "fails", "free"]);
  const { db, tenants } = database;
  const holds = createHolds(db, tenants, now);
  const erasures = createErasures({ tenants, holds, now, coolingMs: 0 });
  for (const person of [...held, "fails", "free"])
    await erasures.request({ org, person, reason: "asked", by: "admin" });
  for (const person of held) await holds.place({ org, on: { person }, reason: "a claim", by: "admin" });
  const erased: string[] = [];
  const breaks: Eraser = {
    name: "breaks",
    erase: async ({ person }) => {
      if (person === "fails") throw new Error("the store is away");
    },
  };
  const counts: Eraser = { name: "counts", erase: async ({ person }) => void erased.push(person) };
  const { keys, journal } = createPaper(database, ring);
  const run = executeErasures({
    ...{ db, tenants, keys, ring, journal, holds, now, owners: createRoomOwners(db), process: "test" },
    ...{ audit: createAudit(db, tenants), objects: createDirectoryStore(folder.path), coolingMs: 0 },
    log: createLogger({ level: "silent" }),
    names: async () => new Map(),
    close: async () => {},
    erasers: [breaks, counts],
  });
  await expect(run).rejects.toThrow("the store is away");
  // Also of whom one part could not be erased, the others are.
  expect(erased).toEqual(["fails", "free"]);
  const states = new Map(
    (await erasures.list(org, 100)).map(({ person, begunAt, doneAt }) => [person, [begunAt, doneAt]]),
  );
  expect(states.get("free")).toEqual([expect.any(Number), expect.any(Number)]);
  expect(states.get("fails")).toEqual([expect.any(Number), null]);
  for (const person of held) expect(states.get(person)).toEqual([null, null]);
});
