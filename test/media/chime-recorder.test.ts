import { Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChimeConfig } from "../../core/platform/config/chime.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { type ChimeCaptures, createChimeCaptures } from "../../core/platform/repositories/chime-captures.ts";
import type { MediaBackend, MediaSession } from "../../media/backend.ts";
import { createChimeBackend } from "../../media/chime/chime-backend.ts";
import { createChimeConcatenation } from "../../media/chime/chime-concatenation.ts";
import { createChimePipelines } from "../../media/chime/chime-pipelines.ts";
import { type Recorder, recorderLeaseMs, type Segment } from "../../media/recorder.ts";
import { openInMemory } from "../support/in-memory.ts";
import { ChimeService, credentials, region } from "./chime-service.ts";

const bucket = "arn:aws:s3:::clinic-recordings/visits";
let database: Database;
let service: ChimeService;
let config: ChimeConfig;
let chime: MediaBackend;
let recorder: Recorder;
let session: MediaSession;
let captures: ChimeCaptures;
let logged = "";
let made = 0;
/** Whether what is not renewed is looked for: elsewhere a slow machine would be told from a dead one. */
let swept = false;
const open: MediaBackend[] = [];
let segment: Segment;

const log = createLogger({
  level: "trace",
  destination: new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  }),
});

/** Another process on the same database, with a recorder of its own. */
function processOf(): { backend: MediaBackend; recorder: Recorder } {
  const lapsed: ChimeCaptures["lapsed"] = async (query) => (swept ? captures.lapsed(query) : []);
  const backend = createChimeBackend(config, { captures: { ...captures, lapsed }, log });
  open.push(backend);
  if (!backend.recorder) throw new Error("Nothing records.");
  return { backend, recorder: backend.recorder };
}

beforeAll(async () => {
  database = await openInMemory();
  captures = createChimeCaptures(database.db);
});
afterAll(() => database.close());

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
  service = new ChimeService();
  const endpoint = await service.listen();
  config = {
    ...{ region, endpoint, mediaRegion: region, echoReduction: false, transcription: null },
    recording: { bucket, region, endpoint },
  };
  ({ backend: chime, recorder } = processOf());
  const called = { org: "demo-clinic", ref: { kind: "consultation", id: "v" }, n: 1, place: null } as const;
  session = { ...called, place: await chime.open(called) };
  await database.db.deleteFrom("chime_capture").execute();
  made += 1;
  segment = { recording: `rec-${made}`, segment: 1 };
});
afterEach(() => {
  swept = false;
  for (const one of open.splice(0)) one.dispose?.();
  service.close();
  vi.unstubAllEnvs();
  expect(service.faults).toEqual([]);
});

const running = () => service.pipelines.running();

/** As if it had not been renewed for so long. */
async function silent(ms: number): Promise<void> {
  await database.db
    .updateTable("chime_capture")
    .set({ renewed_at: new Date(Date.now() - ms), started_at: new Date(Date.now() - ms) })
    .where("recording", "=", segment.recording)
    .execute();
}

describe("a recording over Amazon Chime", () => {
  it("is one pipeline from the meeting into the clinic's bucket, however often and by whom it is begun", async () => {
    await recorder.start(session, segment);
    await processOf().recorder.start(session, segment);
    expect(running().map(({ request }) => [request.SourceArn.split("/")[1], request.SinkArn])).toEqual([
      [[...service.meetings.keys()][0], `${bucket}/${segment.recording}/1`],
    ]);
    expect(await recorder.renew(session, segment, 3)).toBe("running");
    await recorder.stop(session, segment);
    expect(running()).toEqual([]);
    await recorder.stop(session, segment);
    await recorder.start(session, segment);
    expect(running()).toEqual([]);
    expect(await recorder.renew(session, segment, 3)).toBe("stopped");
  });

  it("goes on for the room's present owner, and is refused to an earlier one", async () => {
    await recorder.start(session, segment);
    expect(await recorder.renew(session, segment, 7)).toBe("running");
    await expect(recorder.renew(session, segment, 6)).rejects.toMatchObject({ code: "forbidden" });
    expect(await processOf().recorder.renew(session, segment, 8)).toBe("running");
  });

  it.each(["Stopped", "Failed", "Stopping"] as const)(
    "is over when Amazon says %s, and never begins again",
    async (status) => {
      await recorder.start(session, segment);
      for (const one of running()) one.status = status;
      expect(await recorder.renew(session, segment, 1)).toBe("stopped");
      for (const one of service.pipelines.captures.values()) one.status = "InProgress";
      expect(await processOf().recorder.renew(session, segment, 1)).toBe("stopped");
      for (const one of service.pipelines.captures.values()) one.status = "Stopped";
    },
  );

  it("cannot begin in a meeting that is gone", async () => {
    service.meetings.clear();
    await expect(recorder.start(session, segment)).rejects.toMatchObject({ code: "call_gone" });
    await expect(recorder.start({ ...session, place: null }, segment)).rejects.toMatchObject({
      code: "call_gone",
    });
    expect(await recorder.renew(session, segment, 1)).toBe("stopped");
  });

  it("does not begin when it was stopped before", async () => {
    await recorder.stop(session, segment);
    await recorder.start(session, segment);
    expect(service.pipelines.captures.size).toBe(0);
  });

  it("is asked of Amazon now and then, and believed while Amazon is away for a moment", async () => {
    await recorder.start(session, segment);
    expect(await recorder.renew(session, segment, 1)).toBe("running");
    const asked = service.asked.length;
    for (let times = 0; times < 5; times += 1) await recorder.renew(session, segment, 1);
    expect(service.asked).toHaveLength(asked);
    const elsewhere = processOf().recorder;
    service.instead.push("broken", "throttled", "broken");
    await expect(elsewhere.renew(session, segment, 1)).rejects.toThrow(/./);
    expect(await elsewhere.renew(session, segment, 1)).toBe("running");
  });

  it("is begun and ended over throttling, failures, and answers that do not come", async () => {
    service.instead.push("throttled", "broken");
    await recorder.start(session, segment);
    expect(running()).toHaveLength(1);
    service.instead.push("silence");
    await recorder.stop(session, segment);
    expect(running()).toEqual([]);
    expect(service.pipelines.captures.size).toBe(1);
  });
});

describe("a recording whose room is gone", () => {
  beforeEach(() => {
    swept = true;
  });

  it("is ended by whichever process is left, within its lease", async () => {
    await recorder.start(session, segment);
    await recorder.renew(session, segment, 1);
    chime.dispose?.();
    await silent(recorderLeaseMs - 900);
    processOf();
    processOf();
    await expect.poll(running, { timeout: 3_000 }).toEqual([]);
    await expect.poll(async () => (await captures.find(segment))?.ended).toBe(true);
    expect(logged).toContain("a recording that nobody renewed was ended");
  });

  it("is told to one of those who look, and to the next only after a pause", async () => {
    await captures.claim(segment, "arn:aws:s3:::b/x");
    for (const one of open.splice(0)) one.dispose?.();
    await silent(recorderLeaseMs);
    const look = async (pauseMs: number) =>
      (await captures.lapsed({ silentMs: 4_000, pauseMs })).filter(
        ({ recording }) => recording === segment.recording,
      );
    const told = await Promise.all([look(60_000), look(60_000), look(60_000)]);
    expect(told.flat()).toHaveLength(1);
    expect(await look(0)).toHaveLength(1);
    await captures.end(segment, "arn:aws:s3:::b/x");
    expect(await look(0)).toEqual([]);
  });

  it("is left alone while it is renewed", async () => {
    await recorder.start(session, segment);
    await silent(recorderLeaseMs - 2_500);
    await recorder.renew(session, segment, 1);
    await captures.lapsed({ silentMs: 1_000, pauseMs: 0 }).then((lapsed) => expect(lapsed).toEqual([]));
    expect(running()).toHaveLength(1);
  });

  it("is ended later where Amazon cannot be reached at first", async () => {
    await recorder.start(session, segment);
    service.instead.push("denied");
    await silent(recorderLeaseMs);
    await expect.poll(() => logged, { timeout: 3_000 }).toContain("could not be ended; it is tried again");
    await expect.poll(running, { timeout: 5_000 }).toEqual([]);
  });

  it("is found by where its files go when the process died before it knew its name", async () => {
    const others = { recording: `${segment.recording}-other`, segment: 1 };
    await recorder.start(session, others);
    await recorder.start(session, segment);
    await database.db
      .updateTable("chime_capture")
      .set({ pipeline: null, arn: null })
      .where("recording", "=", segment.recording)
      .execute();
    await silent(recorderLeaseMs);
    await expect
      .poll(() => running().map(({ request }) => request.SinkArn), { timeout: 3_000 })
      .toEqual([`${bucket}/${others.recording}/1`]);
  });

  it("is ended at once where it comes about only after it was given up", async () => {
    service.next("sdk-media-capture-pipelines", "silence");
    const begun = recorder.start(session, segment);
    await expect.poll(() => captures.find(segment)).not.toBeNull();
    await captures.end(segment, `${bucket}/${segment.recording}/1`);
    await expect(begun).rejects.toMatchObject({ code: "media_unavailable" });
    expect(running()).toEqual([]);
  });
});

describe("what is left of a recording over Amazon Chime", () => {
  it("is made one file of each segment, once it has ended", async () => {
    const pipelines = createChimePipelines({ bucket, region, endpoint: config.endpoint });
    const { concatenate, concatenated, chimeFiles } = createChimeConcatenation(bucket, pipelines, captures);
    expect(await concatenate(segment)).toBeNull();
    await recorder.start(session, segment);
    await expect(concatenate(segment)).rejects.toMatchObject({ code: "busy" });
    await recorder.stop(session, segment);
    service.instead.push("throttled");
    const name = await concatenate(segment);
    expect(await concatenate(segment)).toBe(name);
    const [only] = service.pipelines.concatenations.values();
    expect(service.pipelines.concatenations.size).toBe(1);
    const destination = only?.request.Sinks[0].S3BucketSinkConfiguration.Destination;
    expect(`arn:aws:s3:::clinic-recordings/${chimeFiles(segment).whole}`).toBe(`${destination}/`);
    expect(await concatenated(name ?? "")).toBe("running");
    if (only) only.status = "Stopped";
    expect(await concatenated(name ?? "")).toBe("done");
    pipelines.dispose();
  });
});
