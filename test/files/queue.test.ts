import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { createFileRecords } from "../../core/platform/files/file-records.ts";
import { createHolds } from "../../core/platform/records/holds.ts";
import { createFileQueue, type FileQueue } from "../../core/platform/repositories/file-queue.ts";
import { createFiles, type Files, newFileId } from "../../core/platform/repositories/files.ts";
import { databaseKinds, openDatabase } from "../persistence/databases.ts";
import { createPaper, type Paper } from "../persistence/written-room.ts";

const ref = { kind: "chat", id: "c1" } as const;
const room = { org: "north", ref };

describe.each(databaseKinds)("files that are to be checked (%s)", (kind) => {
  let database: Database;
  let queue: FileQueue;
  let files: Files;
  let paper: Paper;
  beforeAll(async () => {
    database = await openDatabase(kind);
    paper = createPaper(database);
    await paper.room(ref, "north");
    queue = createFileQueue(database.db);
    files = createFiles(database, paper.keys);
  }, 120_000);
  afterAll(() => database.close());

  const add = async (owner = "anna", { arrived = true, seconds = 600 } = {}) => {
    const id = newFileId();
    const content = {
      name: "検査.pdf",
      type: "application/pdf",
      bytes: 3,
      sha256: Buffer.alloc(32),
    } as const;
    await files.add(room, owner, { ...content, id, version: 1, incoming: true, seconds });
    if (arrived) expect(await files.arrived("north", id, 1)).toBe(true);
    return id;
  };

  it("are each given to one worker, and to another when that one dies", async () => {
    const ids = [await add(), await add(), await add(), await add()];
    const taken = (await Promise.all([queue.take(2, 600), queue.take(2, 600), queue.take(2, 600)])).flat();
    expect(taken.map(({ file }) => file).sort()).toEqual([...ids].sort());
    expect(await queue.take(9, 600)).toEqual([]);
    const [first, second, third, fourth] = taken;
    if (!first || !second || !third || !fourth) throw new Error("not taken");
    expect(await queue.finish(first, { state: "clean", scanned: true, variants: {} })).toBe(true);
    await queue.postpone(second, 0);
    // The third worker is killed: its lease ends.
    await database.db
      .updateTable("file_version")
      .set({ leased_until: new Date(0) })
      .where("file", "=", third.file)
      .execute();
    const again = await queue.take(9, 600);
    expect(
      again.map(({ file, tries, lost }) => ({ file, tries, lost })).sort((a, b) => a.lost - b.lost),
    ).toEqual([
      { file: second.file, tries: 2, lost: 0 },
      { file: third.file, tries: 2, lost: 1 },
    ]);
    expect(await queue.finish(third, { state: "rejected", reason: "malware" })).toBe(false);
    for (const task of again)
      expect(await queue.finish(task, { state: "rejected", reason: "malware" })).toBe(true);
    expect(await queue.finish(fourth, { state: "rejected", reason: "type" })).toBe(true);
    expect(await files.find("north", third.file)).toMatchObject({
      state: "rejected",
      reason: "malware",
      name: "検査.pdf",
    });
    expect(await files.find("south", third.file)).toBeNull();
    const { rows } = { rows: await database.db.selectFrom("file_version").select("name").execute() };
    for (const { name } of rows) expect(Buffer.from(name).includes("検査")).toBe(false);
  });

  it("are forgotten when they do not come in time, or nobody attaches them", async () => {
    const late = await add("anna", { arrived: false, seconds: -120 });
    const loose = await add("anna", { seconds: -120 });
    await queue.settle({ looseSeconds: 86_400, since: 0 });
    const leftovers = await queue.leftovers();
    expect(leftovers).toContainEqual({ file: late, version: 1 });
    // The store was away: they are named again until nothing is left.
    expect(await queue.leftovers()).toEqual(leftovers);
    await queue.cleared(leftovers);
    expect(await queue.leftovers()).toEqual([]);
    expect(await files.find("north", late)).toBeNull();
    expect(await files.arrived("north", late, 1)).toBe(false);
    expect(await files.find("north", loose)).not.toBeNull();
    await queue.settle({ looseSeconds: 0, since: 0 });
    expect(await files.find("north", loose)).toBeNull();
    const gone = await queue.removed(100);
    expect(gone).toContainEqual({ id: loose, ...room, incoming: [1] });
    for (const { id } of gone) await queue.forget(id);
    expect((await queue.removed(100)).map(({ id }) => id)).not.toContain(loose);
  });

  it("are remembered for as long as somebody may still send them past us", async () => {
    const id = await add("anna", { arrived: false });
    expect(await files.removeLoose("north", id, "anna")).toBe(true);
    await queue.forget(id);
    expect(await queue.removed(100)).toContainEqual({ id, ...room, incoming: [1] });
    await database.db
      .updateTable("file_version")
      .set({ expires_at: new Date(0) })
      .where("file", "=", id)
      .execute();
    await queue.forget(id);
    expect((await queue.removed(100)).map((one) => one.id)).not.toContain(id);
  });

  it("stay under a legal hold though their message is deleted, and go when it is lifted", async () => {
    const place = { kind: "chat", id: "held-room" } as const;
    await paper.room(place, "north");
    const written = async (file: string, seq: number) => {
      await database.db.updateTable("file").set({ room: place.id, seq }).where("id", "=", file).execute();
      await database.db
        .insertInto("journal")
        .values({
          ...{ org: "north", ...place, seq: seq + 10, epoch: 1, type: "chat.deleted", version: 1 },
          ...{ payload: Buffer.alloc(0), actor: "anna", at: 1_000, amends: seq },
        })
        .execute();
    };
    const file = await add();
    await written(file, 5);
    const holds = createHolds(database.db, database.tenants, Date.now);
    const hold = await holds.place({ org: "north", on: { room: place }, reason: "a claim", by: "admin" });
    await queue.settle({ looseSeconds: 86_400, since: 0 });
    const ids = async () => (await queue.removed(100)).map(({ id }) => id);
    expect(await ids()).not.toContain(file);
    expect(await files.find("north", file)).toBeNull();
    const { eraser } = createFileRecords(database.db);
    const standing = await holds.standing("north");
    await expect(eraser.erase({ org: "north", person: "anna" }, standing)).rejects.toMatchObject({
      code: "held",
    });
    expect(await ids()).not.toContain(file);
    const since = Date.now();
    await queue.settle({ looseSeconds: 86_400, since });
    expect(await ids()).not.toContain(file);
    await holds.lift("north", hold.id, "admin");
    // Its message was deleted long before that.
    await queue.settle({ looseSeconds: 86_400, since });
    expect(await ids()).toContain(file);
  });

  it("are one message's, and can be had for another when that came to nothing", async () => {
    const id = await add();
    expect(await files.reserve(room, "ben", "command-1", [id])).toEqual([]);
    expect(
      await files.reserve({ org: "north", ref: { kind: "chat", id: "c2" } }, "anna", "command-1", [id]),
    ).toEqual([]);
    expect(await files.reserve(room, "anna", "command-1", [id])).toMatchObject([{ id }]);
    expect(await files.reserve(room, "anna", "command-1", [id])).toMatchObject([{ id }]);
    expect(await files.reserve(room, "anna", "command-2", [id])).toEqual([]);
    expect(await files.removeLoose("north", id, "anna")).toBe(false);
    await database.db
      .updateTable("file")
      .set({ reserved_at: new Date(0) })
      .where("id", "=", id)
      .execute();
    expect(await files.reserve(room, "anna", "command-2", [id])).toMatchObject([{ id }]);
    await database.db
      .insertInto("command")
      .values({
        ...{ kind: "chat", id: "c1", principal: "anna", command_id: "command-2" },
        body_hmac: Buffer.alloc(16),
        first_seq: 7,
        last_seq: 7,
      })
      .execute();
    expect(await files.find("north", id)).toMatchObject({ seq: 7 });
    await database.db
      .updateTable("file")
      .set({ reserved_at: new Date(0) })
      .where("id", "=", id)
      .execute();
    expect(await files.reserve(room, "anna", "command-3", [id])).toEqual([]);
  });

  it("are removed by retention unless they are held, and with whom they are about", async () => {
    const { retained, counted, eraser } = createFileRecords(database.db);
    const [held, free] = [await add("held"), await add("free")];
    const soon = Date.now() + 60_000;
    // A file of long ago, of which another version has just been sent.
    const renewed = await add("renewed");
    const long = new Date(0);
    await database.db.updateTable("file").set({ created_at: long }).where("id", "=", renewed).execute();
    expect(await retained.removeBefore("north", Date.now() - 86_400_000, new Set())).toBe(0);
    await database.db
      .updateTable("file_version")
      .set({ created_at: long })
      .where("file", "=", renewed)
      .execute();
    expect(await retained.removeBefore("north", Date.now() - 86_400_000, new Set())).toBe(1);
    const holding = new Set(["person/held", "person/anna"]);
    expect(await retained.removeBefore("north", Date.now() - 86_400_000, holding)).toBe(0);
    expect(await retained.removeBefore("south", soon, holding)).toBe(0);
    expect(await retained.removeBefore("north", soon, new Set(["chat/c1"]))).toBe(0);
    expect(await counted.countBefore("north", soon, holding)).toBe(1);
    expect(await retained.removeBefore("north", soon, holding)).toBe(1);
    expect(await counted.countBefore("north", soon, holding)).toBe(0);
    expect(await retained.removeBefore("north", soon, holding)).toBe(0);
    expect([await files.find("north", free), (await files.find("north", held))?.id]).toEqual([null, held]);
    await eraser.erase({ org: "south", person: "held" }, new Set());
    expect(await files.find("north", held)).not.toBeNull();
    await eraser.erase({ org: "north", person: "held" }, new Set());
    expect(await files.find("north", held)).toBeNull();
  });
});
