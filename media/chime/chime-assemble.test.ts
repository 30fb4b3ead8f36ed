import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { beforeEach, expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import type { Assemble, RecordingService } from "../recording/recording-service.ts";
import { assembleWithChime, type ChimeAssembleParts } from "./chime-assemble.ts";
import { chimeFiles } from "./chime-files.ts";
import { removedFromBucket } from "./chime-removal.ts";

const span = { from: 0, to: 9_000 };
const plan: FinishPlan = {
  recording: "r1",
  segments: [
    { segment: 1, backend: "chime", ...span },
    { segment: 2, backend: "peer", ...span },
    { segment: 3, backend: "chime", ...span },
  ],
  facts: {
    ...{ recording: "r1", startedBy: "clinician", from: 0, to: 3_000, reason: "asked" },
    ...{ intervals: [], gaps: [], participants: [], consents: [] },
  },
};
const asked: number[][] = [];
const assemble: Assemble = async (_, { segments }) => {
  asked.push(segments.map(({ segment }) => segment));
  return { files: [], fault: null };
};
const sink = "arn:aws:s3:::clinic/visits";
const refusal = Object.assign(new Error("AccessDenied"), { $metadata: { httpStatusCode: 403 } });
const part = (segment: number, second: number) =>
  `visits/r1/${segment}/composited-video/2026-11-29-10-00-0${second}-000.mp4`;
const whole = (segment: number) => `visits/r1/${segment}-whole/composited-video/p.mp4`;

let objects: Map<string, Buffer>;
let kept: Map<string, Buffer>;
let vault: RoomVault;
let parts: ChimeAssembleParts;

beforeEach(() => {
  asked.length = 0;
  objects = new Map();
  kept = new Map();
  for (const segment of [1, 3]) {
    for (const second of [0, 5]) objects.set(part(segment, second), Buffer.alloc(500, segment));
    objects.set(whole(segment), Buffer.alloc(1_000, segment));
  }
  const never = () => Promise.reject(new Error("only files are put into the vault"));
  vault = {
    get: never,
    list: never,
    remove: never,
    put: async (name, bytes) => void kept.set(name, Buffer.from(bytes)),
  };
  parts = {
    chimeFiles: (segment) => chimeFiles(sink, segment),
    concatenate: async ({ segment }) => `pipeline ${segment}`,
    concatenated: async () => "done",
    findFfmpeg: async () => null,
    bucket: {
      list: async (path) =>
        [...objects].flatMap(([key, { length: size }]) => (key.startsWith(path) ? [{ key, size }] : [])),
      read: async (key) => Readable.from([objects.get(key) ?? Buffer.alloc(0)]),
    },
  };
});

const made = (changed: Partial<ChimeAssembleParts> = {}, what = plan) =>
  assembleWithChime(assemble, { ...parts, ...changed })(vault, what);

it("takes what Amazon has recorded into the vault, with its checksum, and makes files of the others", async () => {
  const { files, fault } = await made();
  expect(fault).toBeNull();
  expect(asked).toEqual([[2]]);
  for (const [index, segment] of [1, 3].entries()) {
    const bytes = objects.get(whole(segment));
    const sha256 = createHash("sha256")
      .update(bytes ?? "")
      .digest("hex");
    expect(files[index]).toEqual({
      ...{ name: `${segment}-amazon-${sha256.slice(0, 8)}.mp4`, person: null, mime: "video/mp4" },
      ...{ bytes: 1_000, sha256, durationMs: 9_000, ...span },
    });
    expect(kept.get(`r1/files/${files[index]?.name}/000000`)).toEqual(bytes);
  }
});

it("is asked again while Amazon still records, or makes the file, and while it cannot be reached", async () => {
  const busy = () => Promise.reject(new DomainError("busy"));
  await expect(made({ concatenate: busy })).rejects.toMatchObject({ code: "busy" });
  await expect(made({ concatenated: async () => "running" })).rejects.toMatchObject({ code: "busy" });
  const away = () => Promise.reject(new Error("ECONNRESET"));
  for (const one of [
    { concatenate: away },
    { concatenated: away },
    { bucket: { ...parts.bucket, list: away } },
  ]) {
    await expect(made(one)).rejects.toThrow("ECONNRESET");
  }
  const own = { ...plan, segments: plan.segments.filter(({ backend }) => backend === "peer") };
  expect((await made({ concatenate: busy }, own)).fault).toBeNull();
});

it("says what Amazon has lost of it, or refuses, and where it is", async () => {
  objects.set(whole(1), Buffer.alloc(100, 1));
  objects.delete(whole(3));
  const { files, fault } = await made();
  expect(files.map(({ bytes }) => bytes)).toEqual([100]);
  expect(fault).toBe(
    "segment 1: composited-video has lost some of its parts in the one file; " +
      "what Amazon has of it is in the bucket clinic under visits/r1/1/; " +
      "segment 3: composited-video is not made one file; " +
      "what Amazon has of it is in the bucket clinic under visits/r1/3/",
  );
  const refused = () => Promise.reject(refusal);
  expect(await made({ bucket: { list: refused, read: refused } })).toMatchObject({
    files: [],
    fault: expect.stringMatching(
      /^segment 1: we may not read the bucket; .*\/r1\/1\/; segment 3: we may not/,
    ),
  });
  expect((await made({ concatenate: refused })).files).toHaveLength(1);
  expect((await made({ concatenate: async () => null })).fault).toBe(
    "nothing was captured of segment 1; nothing was captured of segment 3",
  );
});

it("goes from the bucket with the recording, and from the vault also where the bucket is not ours to delete from", async () => {
  const log = createLogger({ level: "silent" });
  const removed: string[] = [];
  const never = () => Promise.reject(new Error("not asked"));
  const service: RecordingService = { finish: never, remove: async (_, name) => void removed.push(name) };
  const from = { org: "clinic", ref: { kind: "consultation", id: "v" } } as const;
  const removing = (remove: (path: string) => Promise<void>) =>
    removedFromBucket(service, sink, { bucket: { remove }, log }).remove(from, "r1");
  await removing(async (path) => void removed.push(path));
  expect(removed).toEqual(["visits/r1/", "r1"]);
  await removing(() => Promise.reject(refusal));
  expect(removed).toHaveLength(3);
  await expect(removing(() => Promise.reject(new Error("ECONNRESET")))).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(removed).toHaveLength(3);
});
