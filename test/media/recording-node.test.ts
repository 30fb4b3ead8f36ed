import { writeFileSync } from "node:fs";
import type { types } from "mediasoup";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { FinishPlan, RecordedFile } from "../../core/domain/recording/manifest.ts";
import { recordingNames } from "../../core/platform/objects/vault.ts";
import type { MediaNode } from "../../media/mediasoup/media-node.ts";
import { createNodeRecorder } from "../../media/mediasoup/node-recorder.ts";
import { createAssembler } from "../../media/recording/assemble.ts";
import { type Ffmpeg, probe } from "../../media/recording/ffmpeg.ts";
import { createRecordingService } from "../../media/recording/recording-service.ts";
import { ffmpegHere, memoryVault, type Sender, sendRtp, testFolder, withinMs } from "./footage.ts";
import { Made, newSession, quiet, rtpOf, startNode, withWorker } from "./mediasoup-node.ts";

// ffmpeg codes pictures here, behind whatever else runs.
vi.setConfig({ testTimeout: 120_000 });

const recording = "0123456789abcdef";
const segment = { recording, segment: 1 };

withWorker("recording a session on mediasoup", () => {
  const folder = testFolder();
  const made = new Made();
  const senders: Sender[] = [];
  let tools: Ffmpeg;
  let node: MediaNode;

  beforeAll(async () => {
    tools = await ffmpegHere();
    node = await startNode();
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.stop()));
  });
  afterAll(() => {
    node?.close();
    folder.remove();
  });

  async function scene() {
    const session = newSession();
    await node.open(session);
    const router = made.routers.at(-1);
    if (!router) throw new Error("no router");
    const tap = node.tap(session);
    const vault = memoryVault();
    const parts = { node, vault: { recordingsOf: async () => vault }, log: quiet };
    const recorder = createNodeRecorder({ ...parts, findFfmpeg: async () => tools, now: Date.now });
    let ssrc = 1_000;
    /** Somebody gives something, as plain RTP. */
    const give = async (person: string, slot: "audio" | "video"): Promise<types.Producer> => {
      ssrc += 1;
      const transport = await router.createPlainTransport({
        listenIp: "127.0.0.1",
        comedia: true,
        rtcpMux: false,
      });
      const rtpParameters = { ...rtpOf(slot, ssrc), encodings: [{ ssrc }] };
      const producer = await transport.produce({ kind: slot, rtpParameters });
      const port = transport.tuple.localPort;
      const rtcpPort = transport.rtcpTuple?.localPort ?? 0;
      const payloadType = rtpParameters.codecs[0]?.payloadType ?? 0;
      senders.push(sendRtp(tools, slot, { port, rtcpPort, payloadType, ssrc }));
      producer.observer.once("close", () => tap.ended(producer.id));
      tap.given({ person, slot, producer, off: false });
      return producer;
    };
    const chunks = (slot: string) =>
      [...vault.objects.keys()].filter((name) => new RegExp(`-${slot}/0\\d+$`).test(name)).length;
    /** Renews, as a room does, until it is so. */
    const until = async (isSo: () => boolean) => {
      for (const end = Date.now() + withinMs; !isSo(); ) {
        if (Date.now() > end) throw new Error("it did not come about");
        expect(await recorder.renew(session, segment, 1)).toBe("running");
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    };
    return { session, tap, vault, recorder, give, chunks, until };
  }

  it("keeps what each gives, also who comes later, and one film of all comes of it", async () => {
    const { session, tap, vault, recorder, give, chunks, until } = await scene();
    await give("anna", "video");
    await give("anna", "audio");
    const from = Date.now();
    await recorder.start(session, segment);
    await recorder.start(session, segment);
    await until(() => chunks("video") >= 2 && chunks("audio") >= 2);
    const ben = await give("ben", "video");
    await until(() => chunks("video") >= 5);
    ben.close();
    await until(() => chunks("video") >= 6);
    await recorder.stop(session, segment);
    const to = Date.now();
    await recorder.stop(session, segment);
    expect(tap.size).toBe(0);
    expect(await recorder.renew(session, segment, 1)).toBe("stopped");

    const spans = [{ segment: 1, backend: "mediasoup", from, to } as const];
    const facts = { recording, startedBy: "anna", reason: "stopped", from, to, intervals: spans };
    const plan: FinishPlan = {
      recording,
      segments: spans,
      facts: { ...facts, gaps: [], participants: [], consents: [] },
    };
    const assemble = createAssembler(async () => tools);
    const service = createRecordingService({ recordingsOf: async () => vault }, assemble, withinMs);
    const finished: { files: RecordedFile[]; fault: string | null } = JSON.parse(
      await service.finish(session, plan),
    );
    expect(finished.fault).toBeNull();
    expect(finished.files.map(({ person }) => person)).toEqual([null, "anna", "anna", "ben"]);
    const [together, ...tracks] = finished.files;
    const parts = await vault.list(`${recording}/files/${together?.name}/`);
    const file = folder.at("together.webm");
    writeFileSync(file, Buffer.concat(parts.map((part) => vault.objects.get(part) ?? Buffer.alloc(0))));
    const probed = await probe(tools, file);
    expect(probed).toMatchObject({ audio: true, video: true });
    expect(Math.abs((probed.duration ?? 0) - (to - from) / 1_000)).toBeLessThan(1);
    for (const track of tracks) {
      expect(track.from).toBeGreaterThanOrEqual(from);
      expect(track.to).toBeLessThanOrEqual(to);
      expect(track.durationMs).toBeGreaterThan(1_000);
    }
    const [, , benTrack] = tracks;
    expect(benTrack?.from).toBeGreaterThan((tracks[0]?.from ?? 0) + 2_000);
  });

  it("ends within five seconds when nobody renews it, and never runs again", async () => {
    const { session, tap, vault, recorder, give, chunks, until } = await scene();
    await give("anna", "audio");
    await recorder.start(session, segment);
    await until(() => chunks("audio") >= 1);
    expect(tap.size).toBe(1);
    const renewed = performance.now();
    expect(await recorder.renew(session, segment, 7)).toBe("running");
    await expect(recorder.renew(session, segment, 6)).rejects.toMatchObject({ code: "room_closed" });
    while (tap.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - renewed).toBeLessThan(5_000);
    await recorder.stop(session, segment);
    const kept = vault.objects.size;
    await recorder.start(session, segment);
    expect(await recorder.renew(session, segment, 8)).toBe("stopped");
    expect([tap.size, vault.objects.size]).toEqual([0, kept]);
    expect(await vault.get(recordingNames.chunk(recording, 1, "000-audio", 0))).not.toBeNull();
  });

  it("does not begin after it was told to end, nor without ffmpeg, nor where the session is gone", async () => {
    const { session, tap, recorder } = await scene();
    await recorder.stop(session, segment);
    const refused = { code: "recording_unavailable" };
    await expect(recorder.start(session, segment)).rejects.toMatchObject(refused);
    const parts = { node, vault: { recordingsOf: async () => memoryVault() }, log: quiet, now: Date.now };
    const without = createNodeRecorder({ ...parts, findFfmpeg: async () => null });
    expect(await without.ready()).toBe(false);
    await expect(without.start(session, segment)).rejects.toMatchObject(refused);
    const gone = { code: "call_gone" };
    await expect(recorder.start(newSession(), segment)).rejects.toMatchObject(gone);
    expect(tap.size).toBe(0);
  });

  it("ends with its session", async () => {
    const { session, recorder, give, chunks, until } = await scene();
    await give("anna", "audio");
    await recorder.start(session, segment);
    await until(() => chunks("audio") >= 1);
    await node.closeSession(session);
    expect(await recorder.renew(session, segment, 1)).toBe("stopped");
  });
});
