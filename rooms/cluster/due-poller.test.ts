import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createRoomDues } from "../../core/platform/repositories/room-dues.ts";
import { openInMemory } from "../../test/support/in-memory.ts";
import { createTimerWheel } from "../actor/timer-wheel.ts";
import { startDuePoller } from "./due-poller.ts";

let database: Database;
beforeAll(async () => {
  database = await openInMemory();
});
afterAll(() => database.close());

describe("rooms that sleep over their deadline", () => {
  it("are handed out when it has come, soonest first, each once at a time", async () => {
    const { db } = database;
    const due = (id: string, at: number) =>
      db.insertInto("room_due").values({ kind: "chat", id, at }).execute();
    await due("later", 3_000);
    await due("second", 900);
    await due("first", 100);
    const dues = createRoomDues(db);
    const ids = async (now: number, limit = 10) => (await dues.take(now, 500, limit)).map(({ id }) => id);
    expect(await ids(1_000, 1)).toEqual(["first"]);
    expect(await ids(1_000)).toEqual(["second"]);
    expect(await ids(1_400)).toEqual([]);
    expect((await ids(1_500)).sort()).toEqual(["first", "second"]);
    await db.deleteFrom("room_due").execute();
  });

  it("are woken, and one that cannot be woken keeps nobody else asleep", async () => {
    const { db } = database;
    for (const id of ["broken", "sound"]) {
      await db.insertInto("room_due").values({ kind: "chat", id, at: 1 }).execute();
    }
    const woken: string[] = [];
    const wheel = createTimerWheel();
    const stop = startDuePoller(createRoomDues(db), {
      directory: {
        wake: async ({ id }: RoomRef) => {
          if (id === "broken") throw new Error("no");
          woken.push(id);
        },
      },
      clock: { now: () => 1_000 },
      wheel,
      log: createLogger({ level: "silent" }),
    });
    await expect.poll(() => woken).toEqual(["sound"]);
    stop();
    wheel.stop();
  });
});
