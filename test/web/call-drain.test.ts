import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { leaseMs } from "../../core/domain/recording/state.ts";
import type { RecordingItem } from "../../core/protocol/recording.ts";
import type { VisitSummary } from "../../core/protocol/visit.ts";
import { probe } from "../../media/recording/ffmpeg.ts";
import { type Cluster, openCluster } from "../cluster/cluster.ts";
import { ffmpegHere, testFolder } from "../media/footage.ts";
import { callerAt, seesAndHearsAll } from "./call-people.ts";
import { type Clinic, openClinic } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { worker, workerEnv } from "./mediasoup-worker.ts";

declare global {
  interface Window {
    /** Kept by `watchFrames`. */
    decoded: { readonly samples: number; readonly longestMs: number; readonly restarts: number };
  }
}

describe.skipIf(worker === null)("a call whose room goes to another process", () => {
  let cluster: Cluster;
  let clinic: Clinic;
  /** All processes share the disk, as recordings want it. */
  const folder = testFolder();

  beforeAll(async () => {
    const env = { DATA_DIR: folder.path, ROLES: "rooms,api", MEDIA_ORDER: "mediasoup,peer", ...workerEnv };
    cluster = await openCluster(2, env, ["app/start.ts"]);
    await cluster.add({ ROLES: "media", MEDIASOUP_WORKERS: "1" });
    const [server] = cluster.servers;
    if (server) clinic = await openClinic({ devices: true, server });
  }, 600_000);
  afterAll(async () => {
    await clinic?.close();
    await cluster?.close();
    folder.remove();
  });

  it("is not touched, and its recording goes on: frames are decoded while the process is drained and ends", {
    timeout: 400_000,
  }, async () => {
    const [here, other] = cluster.servers;
    if (!here || !other) throw new Error("A process is missing.");
    const visit = await cluster.openVisit();
    const room = (await cluster.session(here, "clinician")).joinVisit(visit);
    await room.start();
    if ((await cluster.serverOf("consultation", visit)) !== other)
      await cluster.move("consultation", visit, { to: other });
    const doctor = await callerAt(clinic, "clinician", visit);
    const patient = await callerAt(clinic, "patient", visit, { width: 390, height: 844 });
    const both = [doctor, patient];
    const button = (one: typeof doctor, name: string) =>
      one.page.getByRole("button", { name, exact: true }).click();
    for (const one of both) await button(one, "Join with video");
    await Promise.all(both.map((one) => seesAndHearsAll(one, 1)));
    for (const { page } of both) await page.evaluate(watchFrames);

    const ask = (person: string, name: string, fields: object = {}) =>
      clinic.call(person, `/v1/rooms/consultation/${visit}/commands`, {
        name,
        payload: { id: crypto.randomUUID(), ...fields },
      });
    for (const person of ["clinician", "patient"]) await ask(person, "consent.give", { what: "recording" });
    await ask("clinician", "recording.start");
    for (const { page } of both) await visible(page.locator("[data-recording=on]"));

    const before = (await cluster.ownerOf("consultation", visit)).process;
    expect(await other.stop()).toBe(0);
    const after = (await cluster.ownerOf("consultation", visit)).process;
    expect(after).toBe(await cluster.idOf(here));
    expect(before).not.toBe(after);
    await Promise.all(both.map((one) => seesAndHearsAll(one, 1)));

    for (const { page } of both) await visible(page.locator("[data-recording=on]"));

    const look = () => Promise.all(both.map(({ page }) => page.evaluate(() => window.decoded)));
    await eventually(async () => Math.min(...(await look()).map(({ samples }) => samples))).toBeGreaterThan(
      40,
    );
    const seen = await look();
    const longest = Math.max(...seen.map(({ longestMs }) => longestMs));
    process.stdout.write(
      `mediasoup: longest pause without a new frame while the room's process was drained: ${Math.round(longest)} ms\n`,
    );
    for (const { restarts } of seen) expect(restarts).toBe(0);
    expect(longest).toBeLessThan(2_000);
    const { calls, callGaps } = await clinic.call<VisitSummary>("clinician", `/v1/visits/${visit}`);
    expect([calls.map(({ backend }) => backend), callGaps]).toEqual([["mediasoup"], []]);

    // One recorder, without a gap, on leases of two processes after each other: longer than the last one of the first.
    await pause(leaseMs + 500);
    for (const { page } of both) await visible(page.locator("[data-recording=on]"));
    await ask("clinician", "recording.stop");
    const newest = async () => {
      const path = `/v1/visits/${visit}/recordings`;
      return (await clinic.call<{ items: RecordingItem[] }>("clinician", path)).items.at(-1);
    };
    await vi.waitUntil(async () => (await newest())?.status === "kept", {
      timeout: 180_000,
      interval: 1_000,
    });
    const item = await newest();
    expect(item).toMatchObject({ fault: null, gaps: [], intervals: [{ segment: 1, backend: "mediasoup" }] });
    const [{ from, to } = { from: 0, to: 0 }, ...more] = item?.intervals ?? [];
    expect(more).toEqual([]);
    const [film] = item?.files ?? [];
    const token = await cluster.token(here, "clinician");
    const reply = await fetch(
      `${here.url}/v1/visits/${visit}/recordings/${item?.recording}/files/${film?.name}`,
      {
        headers: { authorization: `Bearer ${token}` },
      },
    );
    const content = Buffer.from(await reply.arrayBuffer());
    expect(createHash("sha256").update(content).digest("hex")).toBe(film?.sha256);
    writeFileSync(folder.at("film.webm"), content);
    const { duration, audio, video } = await probe(await ffmpegHere(), folder.at("film.webm"));
    process.stdout.write(
      `mediasoup: ${((to - from) / 1_000).toFixed(1)} s recorded over a drain, the film has ${duration} s\n`,
    );
    expect([audio, video]).toEqual([true, true]);
    expect(Math.abs((duration ?? 0) - (to - from) / 1_000)).toBeLessThan(1);

    // What is asked of the media process goes through the room where it is now.
    await button(doctor, "Mute");
    await visible(patient.page.locator("[data-person] >> text=Microphone off"));
    await eventually(async () => room.snapshot.status).toBe("live");
  });
});

/** In the page: five times a second, whether more frames were decoded. A connection that is made anew is a restart. */
function watchFrames(): void {
  const open = () => window.peers.filter(({ signalingState }) => signalingState !== "closed");
  const first = open();
  let frames = 0;
  let grown = performance.now();
  window.decoded = { samples: 0, longestMs: 0, restarts: 0 };
  setInterval(async () => {
    const now = open();
    const reports = await Promise.all(now.map((peer) => peer.getStats()));
    const stats = reports.flatMap((report) => [...report.values()]);
    const decoded = stats
      .filter(({ type, kind }) => type === "inbound-rtp" && kind === "video")
      .reduce((sum, { framesDecoded = 0 }) => sum + framesDecoded, 0);
    const time = performance.now();
    const { samples, longestMs, restarts } = window.decoded;
    const anew = decoded < frames || now.some((peer) => !first.includes(peer));
    window.decoded = {
      samples: samples + 1,
      longestMs: Math.max(longestMs, time - grown),
      restarts: restarts + (anew ? 1 : 0),
    };
    if (decoded > frames) grown = time;
    frames = decoded;
  }, 200);
}
