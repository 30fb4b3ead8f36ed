import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Ffmpeg, probe, runFfmpeg } from "../../media/recording/ffmpeg.ts";
import { RtpPortPool, untilHeard } from "../../media/recording/rtp-ports.ts";
import { type RtpSource, recordRtp } from "../../media/recording/rtp-track.ts";
import { childrenOf, isAlive } from "../support/processes.ts";
import { ffmpegHere, sendRtp, testFolder } from "./footage.ts";

// ffmpeg codes pictures here, behind whatever else runs.
vi.setConfig({ testTimeout: 120_000 });

const sources = {
  audio: {
    kind: "audio",
    payloadType: 100,
    encoding: "opus/48000/2",
    parameters: "minptime=10;useinbandfec=1",
  },
  video: { kind: "video", payloadType: 101, encoding: "VP8/90000", parameters: "" },
} as const satisfies Record<string, RtpSource>;

const folder = testFolder();
const pool = new RtpPortPool();
let tools: Ffmpeg;

beforeAll(async () => {
  tools = await ffmpegHere();
});
afterAll(() => folder.remove());

/** Keeps pieces, and tells when there are so many. */
function pieceStore() {
  const pieces: Buffer[] = [];
  const times: number[] = [];
  let told = () => {};
  return {
    pieces,
    times,
    put: async (index: number, bytes: Uint8Array) => {
      pieces[index] = Buffer.from(bytes);
      times[index] = Date.now();
      told();
    },
    until: async (count: number) => {
      while (pieces.length < count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
    save: (name: string) => {
      writeFileSync(folder.at(name), Buffer.concat(pieces));
      return folder.at(name);
    },
  };
}

async function recording(kind: "audio" | "video", skewMs = 0) {
  const kept = pieceStore();
  const ports = await pool.take();
  const source = sources[kind];
  const track = await recordRtp({ ffmpeg: tools.ffmpeg, ports, source, skewMs, put: kept.put });
  const sender = sendRtp(tools, kind, { ...ports, payloadType: source.payloadType });
  return { kept, ports, track, sender };
}

function isRecorder(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("use_wallclock");
}

/** Seconds; `end` by the clock. A live file says nowhere how long it is. */
async function lengthOf(file: string): Promise<{ readonly duration: number; readonly end: number }> {
  const { start } = await probe(tools, file);
  const whole = `${file}.whole.webm`;
  await runFfmpeg(tools, ["-i", file, "-c", "copy", whole], 30_000);
  const { duration } = await probe(tools, whole);
  return { duration: duration ?? 0, end: (start ?? 0) + (duration ?? 0) };
}

describe("what comes as RTP", () => {
  it.each(["audio", "video"] as const)(
    "is recorded as it comes, and whole when it is stopped: %s",
    async (kind) => {
      const skewMs = 3_600_000;
      const { kept, track, sender } = await recording(kind, skewMs);
      await kept.until(2);
      await sender.stop();
      const stopped = performance.now();
      expect(await track.stop()).toBeNull();
      expect(performance.now() - stopped).toBeLessThan(4_000);
      const probed = await probe(tools, kept.save(`${kind}.webm`));
      expect(probed).toMatchObject({ audio: kind === "audio", video: kind === "video" });
      const began = (probed.start ?? 0) * 1_000 - skewMs;
      const [first = 0] = kept.times;
      expect(Math.abs(began - first)).toBeLessThan(5_000);
    },
  );

  it("is as long as it took, with its silences", async () => {
    const { kept, ports, track, sender } = await recording("audio");
    await kept.until(1);
    await sender.stop();
    const silent = Date.now();
    // Longer than ffmpeg waits for something to hear.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    const again = sendRtp(tools, "audio", { ...ports, payloadType: sources.audio.payloadType });
    const count = kept.pieces.length;
    await kept.until(count + 2);
    const end = Date.now();
    expect(await track.stop()).toBeNull();
    await again.stop();
    const file = kept.save("silence.webm");
    const { duration } = await lengthOf(file);
    expect(duration).toBeGreaterThan((end - silent) / 1_000 - 3);
  });

  it("costs the last piece at most when ffmpeg is killed, and says that it has ended", async () => {
    const { kept, track, sender } = await recording("video");
    await kept.until(2);
    const [child] = childrenOf(process.pid).filter(isRecorder);
    if (child === undefined) throw new Error("ffmpeg does not run");
    const killed = Date.now();
    process.kill(child, "SIGKILL");
    expect(await track.ended).toBe("ffmpeg has ended by itself");
    await sender.stop();
    const length = await lengthOf(kept.save("killed.webm"));
    expect(length.end).toBeGreaterThan(killed / 1_000 - 2.5);
  });

  it("costs the last piece at most when the recording process is killed, and ffmpeg does not outlive it", async () => {
    const ports = await pool.take();
    const entry = fileURLToPath(new URL("recording-process.ts", import.meta.url));
    const child = spawn(
      process.execPath,
      [entry, tools.ffmpeg, `${ports.port}`, folder.path, JSON.stringify(sources.video)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const said = child.stdout.setEncoding("utf8")[Symbol.asyncIterator]();
    await untilHeard(ports.rtcpPort, 20_000);
    const sender = sendRtp(tools, "video", { ...ports, payloadType: sources.video.payloadType });
    await said.next();
    const last = Date.now();
    const recorder = childrenOf(child.pid ?? 0).find(isRecorder);
    child.kill("SIGKILL");
    await once(child, "close");
    const length = await lengthOf(folder.at("process.webm"));
    // What is stored when the third piece is: at most a piece less than there was.
    expect(length.end).toBeGreaterThan(last / 1_000 - 3);
    await sender.stop();
    for (const end = Date.now() + 15_000; recorder && isAlive(recorder); ) {
      expect(Date.now()).toBeLessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
});
