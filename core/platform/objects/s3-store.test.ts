import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { S3Server, s3Bucket, s3Credentials, s3Region } from "../../../test/support/s3-server.ts";
import { createGuard } from "../resilience/guard.ts";
import { DependencyRecord } from "../resilience/record.ts";
import { createDirectoryStore } from "./directory-store.ts";
import { guardedStore } from "./guarded-store.ts";
import type { ObjectStore } from "./object-store.ts";
import { createS3Store, type S3Store } from "./s3-store.ts";

const server = new S3Server();
const hurried = { answerMs: 1_000, totalMs: 15_000 };
let root: string;
let s3: S3Store;

const open = (): S3Store =>
  createS3Store(
    {
      bucket: s3Bucket,
      endpoint: server.url,
      region: s3Region,
      forcePathStyle: true,
      uploadEndpoint: server.url,
    },
    hurried,
  );

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", s3Credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", s3Credentials.secretAccessKey);
  await server.listen();
});
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hugmedo-objects-"));
  server.objects.clear();
  server.faults.length = 0;
  server.instead.length = 0;
  server.trouble = null;
  s3 = open();
});
afterEach(() => {
  s3.dispose();
  rmSync(root, { recursive: true });
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

const stores: readonly [string, () => ObjectStore][] = [
  ["a directory", () => createDirectoryStore(root)],
  ["S3", () => s3],
];

describe.each(stores)("objects in %s", (_, storeOf) => {
  it("are there by name, whole, replaced, listed in order and removed by folder", async () => {
    const store = storeOf();
    const large = randomBytes(3 * 1024 * 1024);
    await store.put("a/b/2", Buffer.from("two"));
    await store.put("a/b/1", large);
    await store.put("a/bc", Buffer.from("beside"));
    await store.put("a/b/x/y_z", Buffer.alloc(0));
    await store.put("b", Buffer.from("elsewhere"));
    await store.put("a/b/2", Buffer.from("two again"));
    expect((await store.get("a/b/1"))?.equals(large)).toBe(true);
    expect(String(await store.get("a/b/2"))).toBe("two again");
    expect((await store.get("a/b/x/y_z"))?.length).toBe(0);
    expect(await store.get("a/b/3")).toBeNull();
    expect(await store.list("a/b/")).toEqual(["a/b/1", "a/b/2", "a/b/x/y_z"]);
    expect(await store.list("")).toEqual(["a/b/1", "a/b/2", "a/b/x/y_z", "a/bc", "b"]);
    await store.remove("a/b/");
    await store.remove("a/b/");
    expect(await store.list("")).toEqual(["a/bc", "b"]);
    expect(server.faults).toEqual([]);
  });

  it("take no name that could lead out", async () => {
    const store = storeOf();
    for (const name of ["", "/x", "../x", "a/../../x", "a//b", ".x", "a\\b", "a\0", "a/", "é"]) {
      await expect(store.put(name, Buffer.of(1)), name).rejects.toThrow(/name/);
      await expect(store.get(name), name).rejects.toThrow(/name/);
    }
    for (const folder of ["../", "/", "a"])
      await expect(store.remove(folder), folder).rejects.toThrow(/folder/);
  });
});

describe("S3 in trouble", () => {
  it("is asked again when it is busy, broken or silent", async () => {
    server.instead.push("slow", "broken", "silence");
    await s3.put("a", Buffer.from("x"));
    server.instead.push("slow", "silence");
    expect(String(await s3.get("a"))).toBe("x");
  });

  it("is left alone after failures in a row, and taken up again", async () => {
    server.trouble = "broken";
    const limits = { withinMs: 20_000, attempts: 1, bulkhead: null };
    const guard = createGuard(
      { ...limits, breaker: { failures: 2, restMs: 3_000 } },
      { record: new DependencyRecord("object_store", Date.now) },
    );
    const store = guardedStore(s3, { reads: guard, writes: guard });
    for (let i = 0; i < 2; i += 1)
      await expect(store.get("a")).rejects.toMatchObject({ code: "unavailable" });
    expect(guard.isOpen()).toBe(true);
    const before = server.asked;
    await expect(store.get("a")).rejects.toMatchObject({ code: "unavailable" });
    expect(server.asked).toBe(before);
    server.trouble = null;
    await vi.waitFor(async () => expect(await store.get("a")).toBeNull(), { timeout: 20_000 });
    expect(guard.isOpen()).toBe(false);
    guard.stop();
  }, 30_000);

  it("is unavailable to whoever signs wrongly, and says so at once", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another");
    const stranger = open();
    await expect(stranger.put("a", Buffer.of(1))).rejects.toMatchObject({ code: "unavailable" });
    expect(server.objects.size).toBe(0);
    expect(server.faults[0]).toMatch(/signature is wrong/);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", s3Credentials.secretAccessKey);
    stranger.dispose();
  });
});

describe("an address to send a file to", () => {
  const content = Buffer.from("exactly this");
  const arrival = {
    name: "incoming/f-1/bytes",
    bytes: content.length,
    type: "text/plain",
    sha256: createHash("sha256").update(content).digest(),
    seconds: 60,
  };
  const send = (url: string, headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>) =>
    fetch(url, { method: "PUT", headers, body }).then(({ status }) => status);
  const grant = async (changed = {}) => {
    const granted = await s3.arrivals?.grant({ ...arrival, ...changed });
    if (!granted) throw new Error("not granted");
    return granted;
  };

  it("takes those bytes, with that type, and nothing else", async () => {
    const { url, headers } = await grant();
    expect(await send(url, headers, Buffer.from("exactly that"))).toBe(400);
    expect(await send(url, headers, Buffer.from("exactly this, and more"))).toBe(403);
    expect(await send(url, { ...headers, "content-type": "text/html" }, content)).toBe(403);
    const other = createHash("sha256").update("exactly that").digest("base64");
    expect(await send(url, { ...headers, "x-amz-checksum-sha256": other }, Buffer.from("exactly that"))).toBe(
      403,
    );
    expect(await send(url.replace("/f-1/", "/f-2/"), headers, content)).toBe(403);
    expect(server.objects.size).toBe(0);
    expect(await send(url, headers, content)).toBe(200);
    expect(String(await s3.get(arrival.name))).toBe("exactly this");
  });

  it("is good for a while", async () => {
    const { url, headers } = await grant({ seconds: 1 });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
    expect(await send(url, headers, content)).toBe(403);
    vi.useRealTimers();
    expect(server.faults.at(-1)).toMatch(/expired/);
  });
});
