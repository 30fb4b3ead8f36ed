import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FinishPlan, RecordedFile } from "../../core/domain/recording/manifest.ts";
import { deriveKeys } from "../../core/platform/crypto/data-keys.ts";
import {
  createVault,
  type RoomVault,
  recordingNames,
  type TrackHeader,
} from "../../core/platform/objects/vault.ts";
import { createAssembler } from "../../media/recording/assemble.ts";
import { storeInPieces } from "../../media/recording/chunker.ts";
import { type Ffmpeg, probe, runFfmpeg } from "../../media/recording/ffmpeg.ts";
import { createRecordingService } from "../../media/recording/recording-service.ts";
import { ffmpegHere, film, memoryVault, type Scene, testFolder, withinMs } from "./footage.ts";

// ffmpeg codes pictures here, behind whatever else runs.
vi.setConfig({ testTimeout: 120_000 });

const folder = testFolder();
const recording = "0123456789abcdef";
const room = { org: "demo", ref: { kind: "consultation", id: "demo" } } as const;
const began = 1_700_000_000_000;
let tools: Ffmpeg;

beforeAll(async () => {
  tools = await ffmpegHere();
});
afterAll(() => folder.remove());

type MemoryVault = ReturnType<typeof memoryVault>;

/** Segments in a row, each so many seconds long, with a pause of a minute between them. */
function planOf(...seconds: readonly number[]): FinishPlan {
  let at = began;
  const segments = seconds.map((length, index) => {
    const from = at;
    at = from + length * 1_000 + 60_000;
    return { segment: index + 1, backend: "mediasoup", from, to: from + length * 1_000 } as const;
  });
  const times = { from: began, to: at - 60_000, reason: "stopped", startedBy: "clinician" };
  const facts = { recording, ...times, intervals: segments, gaps: [], participants: [], consents: [] };
  return { recording, segments, facts };
}

interface Take {
  readonly segment?: number;
  readonly track: string;
  readonly slots: TrackHeader["slots"];
  readonly person?: string | null;
  /** Seconds after the segment began. */
  readonly after?: number;
  /** What a crash has left of it. */
  readonly kept?: number;
}

async function stored(vault: RoomVault, plan: FinishPlan, file: string, take: Take): Promise<void> {
  const { segment = 1, track, slots, person = track, after = 0, kept = 1 } = take;
  const { from } = plan.segments[segment - 1] ?? { from: 0 };
  const header: TrackHeader = { person, slots, mime: "video/webm", startedAt: from + after * 1_000 };
  await vault.put(recordingNames.header(recording, segment, track), Buffer.from(JSON.stringify(header)));
  const bytes = readFileSync(file);
  const source = [bytes.subarray(0, Math.floor(bytes.length * kept))];
  const put = (index: number, piece: Uint8Array) =>
    vault.put(recordingNames.chunk(recording, segment, track, index), piece);
  const limits = { pieceMs: 5, pieceBytes: 20_000, heldBytes: 1e7, patienceMs: 5_000, answerMs: 1_000 };
  await storeInPieces(
    (async function* () {
      yield* source;
    })(),
    put,
    limits,
  );
}

async function filmed(name: string, scene: Scene, what = "av"): Promise<string> {
  const file = folder.at(`${name}.webm`);
  await film(tools, file, scene, what);
  return file;
}

function service(vault: MemoryVault, ffmpeg: Ffmpeg | null = tools, answerMs = withinMs) {
  const assemble = createAssembler(async () => ffmpeg);
  return createRecordingService({ recordingsOf: async () => vault }, assemble, answerMs);
}

async function finished(vault: MemoryVault, plan: FinishPlan, ffmpeg: Ffmpeg | null = tools) {
  const made: { files: RecordedFile[]; fault: string | null; sha256: string } = JSON.parse(
    await service(vault, ffmpeg).finish(room, plan),
  );
  return made;
}

/** The file as somebody downloads it, checked against what is said of it. */
async function download(vault: MemoryVault, { name, bytes, sha256 }: RecordedFile): Promise<string> {
  const parts = await vault.list(`${recording}/files/${name}/`);
  const whole = Buffer.concat(parts.map((part) => vault.objects.get(part) ?? Buffer.alloc(0)));
  expect(whole.length).toBe(bytes);
  expect(createHash("sha256").update(whole).digest("hex")).toBe(sha256);
  for (const part of parts.slice(0, -1)) expect(vault.objects.get(part)?.length).toBe(1024 * 1024);
  writeFileSync(folder.at(name), whole);
  return folder.at(name);
}

describe("the files of a recording", () => {
  it("one track becomes one file that says how long it is, and what it was made of goes", async () => {
    const vault = memoryVault();
    const plan = planOf(4);
    await stored(vault, plan, await filmed("one", { seconds: 4 }), {
      track: "browser",
      person: null,
      slots: ["audio", "video"],
    });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBeNull();
    expect(files).toHaveLength(1);
    const [file] = files;
    if (!file) throw new Error("no file");
    expect(Math.abs(file.durationMs - 4_000)).toBeLessThan(1_000);
    const probed = await probe(tools, await download(vault, file));
    expect(probed).toMatchObject({ audio: true, video: true });
    expect(Math.abs((probed.duration ?? 0) - 4)).toBeLessThan(1);
    expect(await vault.list(recordingNames.segment(recording, 1))).toEqual([]);
  });

  it("several tracks become one film, each where and when it was, over all segments", async () => {
    const vault = memoryVault();
    const plan = planOf(5, 3);
    const camera = await filmed("camera", { seconds: 4 }, "v");
    const small = await filmed("small", { seconds: 3, size: "120x160" }, "v");
    const voice = await filmed("voice", { seconds: 4 }, "a");
    await stored(vault, plan, camera, { track: "clinician-video", person: "clinician", slots: ["video"] });
    await stored(vault, plan, voice, {
      track: "clinician-audio",
      person: "clinician",
      slots: ["audio"],
      after: 1,
    });
    await stored(vault, plan, small, {
      track: "patient-video",
      person: "patient",
      slots: ["video"],
      after: 1,
    });
    await stored(vault, plan, small, {
      segment: 2,
      track: "patient-video",
      person: "patient",
      slots: ["video"],
    });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBeNull();
    expect(files.map(({ name }) => name.replace(/-[0-9a-f]{8}\./, "."))).toEqual([
      "together.webm",
      "1-clinician-audio.webm",
      "1-clinician-video.webm",
      "1-patient-video.webm",
      "2-patient-video.webm",
    ]);
    const [together] = files;
    if (!together) throw new Error("no file");
    const path = await download(vault, together);
    const probed = await probe(tools, path);
    expect(probed).toMatchObject({ audio: true, video: true });
    expect(Math.abs((probed.duration ?? 0) - 8)).toBeLessThan(1);
    expect(together).toMatchObject({ from: began, to: plan.segments[1]?.to, person: null });
    // Where somebody is not there yet, it is dark; then their picture stands beside the other's.
    expect(await brightness(path, 0.4, "left")).toBeGreaterThan(40);
    expect(await brightness(path, 0.4, "right")).toBeLessThan(20);
    expect(await brightness(path, 2.5, "right")).toBeGreaterThan(30);
    expect(await brightness(path, 6.5, "left")).toBeLessThan(20);
    expect(await brightness(path, 6.5, "right")).toBeGreaterThan(30);
  });

  it("films of everyone are put in a row as they are", async () => {
    const vault = memoryVault();
    const plan = planOf(3, 2);
    for (const [index, seconds] of [3, 2].entries()) {
      const file = await filmed(`film-${index}`, { seconds, size: "320x90" });
      const take = { track: "browser", person: null, slots: ["audio", "video"] } as const;
      await stored(vault, plan, file, { ...take, segment: index + 1 });
    }
    const { files, fault } = await finished(vault, plan);
    expect([fault, files.length]).toEqual([null, 3]);
    const [together] = files;
    if (!together) throw new Error("no file");
    const path = await download(vault, together);
    expect(Math.abs(((await probe(tools, path)).duration ?? 0) - 5)).toBeLessThan(0.5);
    expect(await brightness(path, 4.5, "right")).toBeGreaterThan(30);
  });

  it("a picture that changes its size in mid-track stays in its place, to the end", async () => {
    const vault = memoryVault();
    const plan = planOf(4);
    const first = await filmed("wide", { seconds: 2, size: "320x180" }, "v");
    const then = await filmed("tall", { seconds: 2, size: "120x160" }, "v");
    writeFileSync(folder.at("sizes.txt"), `file '${first}'\nfile '${then}'\n`);
    const both = folder.at("sizes.webm");
    await runFfmpeg(
      tools,
      ["-f", "concat", "-safe", "0", "-i", folder.at("sizes.txt"), "-c", "copy", both],
      withinMs,
    );
    const voice = await filmed("beside", { seconds: 4 }, "a");
    await stored(vault, plan, both, { track: "patient-video", person: "patient", slots: ["video"] });
    await stored(vault, plan, voice, { track: "patient-audio", person: "patient", slots: ["audio"] });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBeNull();
    const [together] = files;
    if (!together) throw new Error("no file");
    expect(Math.abs(together.durationMs - 4_000)).toBeLessThan(1_000);
    expect(await brightness(await download(vault, together), 3.5, "left")).toBeGreaterThan(30);
  });

  it("what a crash cut off in the middle of a frame survives up to there", async () => {
    const vault = memoryVault();
    const plan = planOf(6);
    const file = await filmed("cut", { seconds: 6 });
    await stored(vault, plan, file, { track: "browser", person: null, slots: ["audio", "video"], kept: 0.6 });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBeNull();
    const [survived] = files;
    if (!survived) throw new Error("no file");
    const probed = await probe(tools, await download(vault, survived));
    expect(probed).toMatchObject({ audio: true, video: true });
    expect(probed.duration).toBeGreaterThan(2.5);
    expect(probed.duration).toBeLessThan(4.5);
  });

  it("what cannot be read stays as it came, and it is said", async () => {
    const vault = memoryVault();
    const plan = planOf(3);
    writeFileSync(folder.at("noise.webm"), Buffer.alloc(50_000, 7));
    await stored(vault, plan, folder.at("noise.webm"), { track: "browser", slots: ["video"] });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBe("track browser of segment 1 cannot be read: it is as it came");
    expect(files.map(({ bytes }) => bytes)).toEqual([50_000]);
  });

  it("what is something else is not read as that: it could name other files", async () => {
    const vault = memoryVault();
    const plan = planOf(2);
    const other = await filmed("other", { seconds: 2 }, "a");
    writeFileSync(folder.at("list.webm"), `ffconcat version 1.0\nfile '${other}'\n`);
    await stored(vault, plan, folder.at("list.webm"), { track: "browser", slots: ["video"] });
    const { files, fault } = await finished(vault, plan);
    expect(fault).toBe("track browser of segment 1 cannot be read: it is as it came");
    expect(files[0]?.bytes).toBeLessThan(1_000);
  });

  it("without ffmpeg the tracks are as they came, and it is said", async () => {
    const vault = memoryVault();
    const plan = planOf(2, 2);
    const file = await filmed("raw", { seconds: 2 });
    await stored(vault, plan, file, { track: "browser", slots: ["video"] });
    const { files, fault } = await finished(vault, plan, null);
    expect(fault).toBe("nothing was kept of segment 2; ffmpeg is not here: the tracks are as they came");
    expect(files).toHaveLength(1);
    const [raw] = files;
    if (raw) expect(readFileSync(await download(vault, raw))).toEqual(readFileSync(file));
  });
  it("what is missing of a track is said, and what comes before it is taken", async () => {
    const vault = memoryVault();
    const plan = planOf(2);
    await stored(vault, plan, await filmed("gap", { seconds: 2 }), { track: "browser", slots: ["video"] });
    await vault.put(recordingNames.chunk(recording, 1, "browser", 900), Buffer.from("too late"));
    const { files, fault } = await finished(vault, plan);
    expect(fault).toMatch(/^track browser of segment 1 has a gap after (\d+) of its \d+ pieces$/);
    expect(files).toHaveLength(1);
  });
});

describe("what somebody has changed in the store", () => {
  const plan = () => planOf(4);
  /** A vault as it is on disk, and the objects that it has there. */
  function sealedVault() {
    const objects = memoryVault();
    const key = deriveKeys("k", randomBytes(32));
    const vault = createVault({
      objects,
      rooms: { find: async () => ({ keyId: "k" }) },
      keys: { get: async () => key },
    });
    const root = `recordings/${room.org}/${room.ref.id}/`;
    const change = (name: string) => {
      const bytes = objects.objects.get(root + name);
      if (!bytes) throw new Error("no such object");
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    };
    const finish = async () => {
      const assemble = createAssembler(async () => tools);
      const answer = await createRecordingService(vault, assemble, withinMs).finish(room, plan());
      const made: { files: RecordedFile[]; fault: string | null } = JSON.parse(answer);
      return made;
    };
    return { vault, change, finish };
  }

  it("ends its track there, and the recording is finished with a word about it", async () => {
    const { vault, change, finish } = sealedVault();
    const kept = await vault.recordingsOf(room);
    const file = await filmed("spoilt", { seconds: 4, size: "320x240" });
    await stored(kept, plan(), file, { track: "browser", slots: ["video"] });
    change(recordingNames.chunk(recording, 1, "browser", 2));
    const { files, fault } = await finish();
    expect(fault).toBe("track browser of segment 1 was changed by somebody: it ends after 2 of its pieces");
    expect(files).toHaveLength(1);
    expect(files[0]?.durationMs).toBeGreaterThan(0);
  });

  it("leaves out a track whose beginning it is, and keeps the others", async () => {
    const { vault, change, finish } = sealedVault();
    const kept = await vault.recordingsOf(room);
    const voice = await filmed("spoilt-voice", { seconds: 2 }, "a");
    for (const track of ["a-audio", "b-audio", "c-audio"])
      await stored(kept, plan(), voice, { track, slots: ["audio"] });
    change(recordingNames.header(recording, 1, "a-audio"));
    change(recordingNames.chunk(recording, 1, "b-audio", 0));
    const { files, fault } = await finish();
    expect(fault).toBe(
      "the beginning of track a-audio of segment 1 was changed by somebody; " +
        "track b-audio of segment 1 was changed by somebody: it ends after 0 of its pieces",
    );
    expect(files.map(({ person }) => person)).toEqual(["c-audio"]);
  });
});

describe("making the files", () => {
  it("is done once for whoever asks meanwhile, and says that it goes on when it takes long", async () => {
    const vault = memoryVault();
    const plan = planOf(3);
    await stored(vault, plan, await filmed("long", { seconds: 3 }), { track: "browser", slots: ["video"] });
    const impatient = service(vault, tools, 1);
    await expect(impatient.finish(room, plan)).rejects.toMatchObject({ code: "busy" });
    const answer = async (): Promise<string> => impatient.finish(room, plan).catch(answer);
    const said = await answer();
    expect(await impatient.finish(room, plan).catch(answer)).toBe(said);
    expect(await service(vault, null).finish(room, plan)).toBe(said);
  });

  it("begins anew after a crash, with the same result", async () => {
    const plan = planOf(3);
    const camera = await filmed("again", { seconds: 3 }, "v");
    const voice = await filmed("again-voice", { seconds: 3 }, "a");
    const results: string[] = [];
    for (const crash of [false, true]) {
      const vault = memoryVault();
      await stored(vault, plan, camera, { track: "p-video", person: "p", slots: ["video"] });
      await stored(vault, plan, voice, { track: "p-audio", person: "p", slots: ["audio"] });
      if (crash) {
        const dying = {
          ...vault,
          put: async (name: string, bytes: Uint8Array) => {
            if (name === recordingNames.finished(recording)) throw new Error("killed");
            await vault.put(name, bytes);
          },
        };
        const assemble = createAssembler(async () => tools);
        const first = createRecordingService({ recordingsOf: async () => dying }, assemble, withinMs);
        await expect(first.finish(room, plan)).rejects.toMatchObject({ code: "internal" });
        expect(await vault.list(recordingNames.segment(recording, 1))).not.toEqual([]);
      }
      results.push(await service(vault).finish(room, plan));
    }
    expect(results[1]).toBe(results[0]);
  });

  it("leaves nothing of it outside the vault, also where it was killed", async () => {
    const { pid } = spawnSync("true");
    const orphan = join(tmpdir(), `hugmedo-recording-${pid}-orphan`);
    mkdirSync(orphan);
    createAssembler(async () => tools);
    await vi.waitUntil(() => !existsSync(orphan));
    const left = (await readdir(tmpdir())).filter((name) =>
      name.startsWith(`hugmedo-recording-${process.pid}-`),
    );
    expect(left).toEqual([]);
  });
});

/** Mean brightness of one half of the picture at a time, 16 to 235. */
async function brightness(file: string, at: number, half: "left" | "right"): Promise<number> {
  const out = folder.at("pixels.gray");
  const crop = `crop=iw/2:ih:${half === "left" ? "0" : "iw/2"}:0,scale=16:16,format=gray`;
  await runFfmpeg(
    tools,
    ["-ss", `${at}`, "-i", file, "-frames:v", "1", "-vf", crop, "-f", "rawvideo", out],
    withinMs,
  );
  const pixels = readFileSync(out);
  return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
}
