import { createSecretKey, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveKeys } from "../crypto/data-keys.ts";
import { createDirectoryStore } from "./directory-store.ts";
import type { ObjectStore } from "./object-store.ts";
import { keepPiece, readFile } from "./recorded-files.ts";
import { createVault, partBytes, type RoomVault, recordingNames, SpoiltObject } from "./vault.ts";

let root: string;
let store: ObjectStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hugmedo-objects-"));
  store = createDirectoryStore(root);
});
afterEach(() => rmSync(root, { recursive: true }));

const bytes = (text: string) => Buffer.from(text);

describe("the directory of objects", () => {
  it("keeps bytes by name, replaces them, and lists and removes what is in a folder", async () => {
    await store.put("a/b/2", bytes("two"));
    await store.put("a/b/1", bytes("one"));
    await store.put("a/bc", bytes("beside"));
    await store.put("a/b/1", bytes("one again"));
    expect((await store.get("a/b/1"))?.toString()).toBe("one again");
    expect(await store.get("a/b/3")).toBeNull();
    expect(await store.list("a/b/")).toEqual(["a/b/1", "a/b/2"]);
    expect(await store.list("")).toEqual(["a/b/1", "a/b/2", "a/bc"]);
    expect(await store.list("nothing/")).toEqual([]);
    await store.remove("a/b/");
    await store.remove("a/b/");
    expect(await store.list("")).toEqual(["a/bc"]);
  });

  it("takes no name that could lead out of it", async () => {
    for (const name of [
      "",
      "/etc/passwd",
      "../x",
      "a/../../x",
      "a//b",
      ".drafts/x",
      "a/.x",
      "a\\b",
      "a/b\0",
      "a/",
    ]) {
      await expect(store.put(name, bytes("x")), name).rejects.toThrow(/name/);
      await expect(store.get(name), name).rejects.toThrow(/name/);
    }
    for (const folder of ["../", "/", "a", "a/../", ".drafts/"]) {
      await expect(store.remove(folder), folder).rejects.toThrow(/folder/);
      await expect(store.list(folder), folder).rejects.toThrow(/folder/);
    }
  });

  it("shows nothing of what was not put whole, and leaves nothing of it behind", async () => {
    mkdirSync(join(root, "a", "taken"), { recursive: true });
    writeFileSync(join(root, "a", "taken", "x"), "in the way");
    await expect(store.put("a/taken", bytes("x"))).rejects.toMatchObject({ code: "unavailable" });
    expect(await store.list("")).toEqual(["a/taken/x"]);
    expect(readdirSync(join(root, ".drafts"))).toEqual([]);
  });
});

describe("the vault", () => {
  const ref = { kind: "consultation", id: "v" } as const;
  const other = { kind: "consultation", id: "w" } as const;
  const keys = new Map(["v", "w"].map((id) => [id, deriveKeys(id, randomBytes(32))]));
  const path = (name: string, visit = "v") => join(root, "recordings", "clinic", visit, name);
  let vault: RoomVault;

  const open = (room: typeof ref | typeof other = ref, org = "clinic") =>
    createVault({
      objects: store,
      rooms: { find: async (asking, { id }) => (asking === "clinic" ? { keyId: id } : null) },
      keys: {
        get: async (_, id) => {
          const key = keys.get(id);
          if (!key) throw new Error("no such key");
          return key;
        },
      },
    }).recordingsOf({ org, ref: room });

  beforeEach(async () => {
    vault = await open();
  });

  it("keeps nothing that can be read without its room's key", async () => {
    await vault.put("r/1/t/000000", bytes("what was said"));
    expect((await vault.get("r/1/t/000000"))?.toString()).toBe("what was said");
    expect(await vault.list("r/")).toEqual(["r/1/t/000000"]);
    expect(readFileSync(path("r/1/t/000000"), "latin1")).not.toContain("said");
    await expect(open(ref, "elsewhere")).rejects.toMatchObject({ code: "room_not_found" });
  });

  it("refuses what was changed, cut, or put under another name or into another room", async () => {
    await vault.put("r/1/t/000000", bytes("first"));
    await vault.put("r/1/t/000001", bytes("second"));
    const sealed = readFileSync(path("r/1/t/000000"));
    const spoilt = [
      ["changed", Buffer.concat([sealed.subarray(0, -1), Buffer.of((sealed.at(-1) ?? 0) ^ 1)])],
      ["cut", sealed.subarray(0, -1)],
      ["empty", Buffer.alloc(0)],
      ["another's", readFileSync(path("r/1/t/000001"))],
    ] as const;
    for (const [what, content] of spoilt) {
      writeFileSync(path("r/1/t/000000"), content);
      await expect(vault.get("r/1/t/000000"), what).rejects.toMatchObject({ code: "unavailable" });
      await expect(vault.get("r/1/t/000000"), what).rejects.toBeInstanceOf(SpoiltObject);
    }
    const foreign = await open(other);
    await foreign.put("r/1/t/000000", bytes("of another visit"));
    writeFileSync(path("r/1/t/000000"), readFileSync(path("r/1/t/000000", "w")));
    await expect(vault.get("r/1/t/000000")).rejects.toMatchObject({ code: "unavailable" });
    writeFileSync(path("r/1/t/000000"), sealed);
    expect((await vault.get("r/1/t/000000"))?.toString()).toBe("first");
  });

  it("is unreadable once the key is gone", async () => {
    await vault.put("r/finished", bytes("{}"));
    const [key] = [keys.get("v")];
    keys.set("v", deriveKeys("v", createSecretKey(randomBytes(32)).export()));
    await expect((await open()).get("r/finished")).rejects.toMatchObject({ code: "unavailable" });
    if (key) keys.set("v", key);
  });

  it("reads any part of a file, and says when a part is missing", async () => {
    const whole = randomBytes(partBytes * 2 + 10);
    for (const index of [0, 1, 2]) {
      const part = whole.subarray(index * partBytes, (index + 1) * partBytes);
      await vault.put(recordingNames.part("r", "f.webm", index), part);
    }
    const read = async (first: number, last: number) => {
      const pieces: Buffer[] = [];
      for await (const piece of readFile(vault, "r", "f.webm", { first, last })) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    for (const [first, last] of [
      [0, whole.length - 1],
      [0, 0],
      [partBytes - 1, partBytes],
      [5, partBytes * 2 + 3],
      [partBytes * 2, whole.length - 1],
    ] as const) {
      expect((await read(first, last)).equals(whole.subarray(first, last + 1)), `${first}`).toBe(true);
    }
    rmSync(path(recordingNames.part("r", "f.webm", 1)));
    await expect(read(0, whole.length - 1)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("keeps a browser's piece once, with what it is, and no other in its place", async () => {
    const piece = { recording: "r", segment: 1, index: 0, from: 7 };
    const webm = Buffer.concat([Buffer.of(0x1a, 0x45, 0xdf, 0xa3), bytes("…")]);
    await keepPiece(vault, piece, webm);
    await keepPiece(vault, piece, webm);
    await keepPiece(vault, { ...piece, index: 1 }, bytes("more"));
    await expect(keepPiece(vault, piece, bytes("other"))).rejects.toMatchObject({ code: "command_conflict" });
    const header = await vault.get(recordingNames.header("r", 1, "browser"));
    expect(JSON.parse(String(header))).toMatchObject({ mime: "video/webm", person: null, startedAt: 7 });
    expect(await vault.list("r/1/")).toHaveLength(3);
  });
});
