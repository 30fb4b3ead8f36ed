import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type ChimeBucket, createChimeBucket, isRefused } from "../../media/chime/chime-bucket.ts";
import { S3Server, s3Bucket, s3Credentials, s3Region } from "../support/s3-server.ts";

const server = new S3Server();
let bucket: ChimeBucket;

const open = (name: string) =>
  createChimeBucket({ bucket: `arn:aws:s3:::${name}/visits`, region: s3Region }, server.url);
const put = (key: string, bytes: Buffer) => server.objects.set(key, { bytes, type: "video/mp4" });

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", s3Credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", s3Credentials.secretAccessKey);
  await server.listen();
  bucket = open(s3Bucket);
});
beforeEach(() => server.objects.clear());
afterAll(() => {
  bucket.dispose();
  vi.unstubAllEnvs();
  server.close();
  expect(server.faults).toEqual([]);
});

it("lists what Amazon has written of a recording, page by page, and reads it as it is", async () => {
  const film = randomBytes(3 * 1024 * 1024);
  for (const part of [1, 2, 3, 4]) put(`visits/r/1/composited-video/${part}.mp4`, randomBytes(part));
  put("visits/r/1-whole/composited-video/p.mp4", film);
  put("visits/another/1/composited-video/1.mp4", randomBytes(9));
  const listed = await bucket.list("visits/r/1/");
  expect(listed.map(({ size }) => size)).toEqual([1, 2, 3, 4]);
  server.instead.push("slow", "broken");
  const read = await buffer(await bucket.read("visits/r/1-whole/composited-video/p.mp4"));
  expect(read.equals(film)).toBe(true);
});

it("removes all of a recording and nothing else", async () => {
  for (const part of [1, 2, 3, 4, 5]) put(`visits/r/${part}/composited-video/a.mp4`, randomBytes(part));
  put("visits/r2/1/composited-video/a.mp4", randomBytes(9));
  await bucket.remove("visits/r/");
  await bucket.remove("visits/r/");
  expect([...server.objects.keys()]).toEqual(["visits/r2/1/composited-video/a.mp4"]);
});

it("tells what is refused for good from what may pass", async () => {
  const gone = await bucket.read("visits/r/none.mp4").catch((error: unknown) => error);
  expect(isRefused(gone)).toBe(true);
  const elsewhere = open("not-ours");
  expect(isRefused(await elsewhere.list("visits/").catch((error: unknown) => error))).toBe(true);
  elsewhere.dispose();
  for (let tries = 0; tries < 4; tries += 1) server.instead.push("slow");
  expect(isRefused(await bucket.list("visits/").catch((error: unknown) => error))).toBe(false);
  expect(isRefused(new Error("ECONNRESET"))).toBe(false);
  expect(isRefused(Object.assign(new Error("slow down"), { $metadata: { httpStatusCode: 429 } }))).toBe(
    false,
  );
});
