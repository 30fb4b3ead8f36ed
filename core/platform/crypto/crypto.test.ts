import { createSecretKey, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openInMemory } from "../../../test/support/in-memory.ts";
import type { Database } from "../database/database.ts";
import { createDataKeys, macOf } from "./data-keys.ts";
import { open, seal } from "./envelope.ts";
import { createKeyRing, openKeyFile } from "./key-ring.ts";

const key = createSecretKey(randomBytes(32));

describe("a sealed text", () => {
  it("opens as what it was, in its place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, place) => {
        expect(open(key, seal(key, text, place), place).toString()).toBe(text);
      }),
    );
  });

  it("opens in no other place, under no other key, and not when one bit is another", () => {
    const sealed = seal(key, "private", "chat:a/1");
    expect(() => open(key, sealed, "chat:a/2")).toThrow();
    expect(() => open(createSecretKey(randomBytes(32)), sealed, "chat:a/1")).toThrow();
    for (let i = 0; i < sealed.length; i += 1) {
      const other = Buffer.from(sealed);
      other[i] = (other[i] ?? 0) ^ 1;
      expect(() => open(key, other, "chat:a/1"), `byte ${i}`).toThrow();
    }
  });

  it("is never the same twice", () => {
    const seals = Array.from({ length: 2_000 }, () =>
      seal(key, "same", "place").subarray(1, 13).toString("hex"),
    );
    expect(new Set(seals).size).toBe(seals.length);
  });
});

describe("the master keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "hugmedo-keys-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("are made once, for their owner alone, also when several processes start together", async () => {
    const path = join(folder, "new", "keys.json");
    const rings = await Promise.all([openKeyFile(path), openKeyFile(path), openKeyFile(path)]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const wrapped = await rings[0].wrap(Buffer.from("secret"), "c");
    for (const ring of rings) expect(Buffer.from(await ring.unwrap(wrapped, "c")).toString()).toBe("secret");
  });

  it("are drafted under a name of their own: in containers, all processes have the same process id", async () => {
    const path = join(folder, "drafted.json");
    const drafts = [`${path}.${process.pid}`, `${path}.1`];
    for (const draft of drafts) writeFileSync(draft, "another's");
    await openKeyFile(path);
    for (const draft of drafts) expect(readFileSync(draft, "utf8")).toBe("another's");
  });

  it("can be rotated: what the old one wrapped still opens", async () => {
    const path = join(folder, "rotated.json");
    const before = await (await openKeyFile(path)).wrap(Buffer.from("secret"), "c");
    const file = JSON.parse(readFileSync(path, "utf8"));
    file.keys.next = randomBytes(32).toString("base64");
    file.current = "next";
    writeFileSync(path, JSON.stringify(file));
    const ring = await openKeyFile(path);
    expect(Buffer.from(await ring.unwrap(before, "c")).toString()).toBe("secret");
    const after = await ring.wrap(Buffer.from("secret"), "c");
    expect(Buffer.from(after.subarray(1, 5)).toString()).toBe("next");
    await expect(ring.unwrap(after, "another")).rejects.toThrow();
  });

  it("stop the start when the file is not one of keys, without showing it", async () => {
    const path = join(folder, "broken.json");
    writeFileSync(path, JSON.stringify({ current: "1", keys: { "1": "c2hvcnQ=" } }));
    await expect(openKeyFile(path)).rejects.toThrow(/KEY_FILE/);
    await expect(openKeyFile(path)).rejects.not.toThrow(/c2hvcnQ=/);
  });
});

describe("data keys", () => {
  let database: Database;
  beforeAll(async () => {
    database = await openInMemory();
  });
  afterAll(() => database.close());

  it("are one for each person or room, whoever asks first, and the same after a restart", async () => {
    const ring = createKeyRing("1", new Map([["1", key]]));
    const scope = { org: "o", scope: "person", subject: "hana" } as const;
    const keys = createDataKeys(database.tenants, ring);
    const [a, b] = await Promise.all([keys.ensure(scope), keys.ensure(scope)]);
    expect(a.id).toBe(b.id);
    expect((await keys.ensure({ ...scope, org: "p" })).id).not.toBe(a.id);
    const restarted = await createDataKeys(database.tenants, ring).get(scope.org, a.id);
    expect(macOf(restarted, "text")).toEqual(macOf(a, "text"));
    expect(open(restarted.cipher, seal(a.cipher, "text", "p"), "p").toString()).toBe("text");
    await expect(keys.get(scope.org, "gone")).rejects.toMatchObject({ code: "unavailable" });
  });
});
