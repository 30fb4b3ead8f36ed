import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { RecordedFile } from "../../core/domain/recording/manifest.ts";
import type { RecordingItem } from "../../core/protocol/recording.ts";
import type { TokenReply } from "../../core/protocol/rest.ts";
import { type Ffmpeg, probe } from "../../media/recording/ffmpeg.ts";
import { ffmpegHere, testFolder } from "../media/footage.ts";
import { type Caller, callerAt } from "./call-people.ts";
import { type Clinic, openClinic } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { worker, workerEnv } from "./mediasoup-worker.ts";
import { openStaff, type Staff } from "./waiting-rooms.ts";

// Pictures are coded by the processor here, of two people at once, and once more for the film.
vi.setConfig({ testTimeout: 240_000 });

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

interface Backend {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whose each file is that comes of two segments. */
  readonly files: readonly string[];
}

const peer: Backend = {
  name: "peer",
  env: { MEDIA_ORDER: "peer" },
  files: ["everyone", "everyone", "everyone"],
};
const one = (person: string) => [person, person, person, person];
const mediasoup: Backend = {
  name: "mediasoup",
  env: { MEDIA_ORDER: "mediasoup", MEDIASOUP_WORKERS: "1", ...workerEnv },
  files: [...one("clinician"), "everyone", ...one("patient")],
};

recorded(peer);
describe.skipIf(worker === null)("where there is a media worker", () => recorded(mediasoup));

function recorded({ name: backend, env, files: expected }: Backend): void {
  describe(`a recording of a call over ${backend}`, () => {
    const folder = testFolder();
    let ffmpeg: Ffmpeg;
    let clinic: Clinic;
    let staff: Staff;
    let visit = "";
    let doctor: Caller;
    let patient: Caller;

    beforeAll(async () => {
      ffmpeg = await ffmpegHere();
      clinic = await openClinic({ devices: true, env });
      staff = await openStaff(clinic, ["clinician"]);
      visit = await staff.newVisit({ patient: "patient", clinician: "clinician", reason: "Cough" });
      const room = staff.sessions.clinician?.joinVisit(visit);
      await room?.start();
      await room?.leave();
      doctor = await callerAt(clinic, "clinician", visit);
      patient = await callerAt(clinic, "patient", visit);
      for (const { page } of [doctor, patient]) await button(page, "Join with video").click();
      for (const { page } of [doctor, patient]) {
        await page.locator("[data-person][data-kind=person] video").waitFor({ timeout: 90_000 });
      }
    }, 300_000);
    afterAll(async () => {
      await staff?.close();
      await clinic?.close();
      folder.remove();
    });

    const ask = (person: string, name: string, fields: object = {}) =>
      clinic.call(person, `/v1/rooms/consultation/${visit}/commands`, {
        name,
        payload: { id: crypto.randomUUID(), ...fields },
      });
    const sign = async (shown: string) => {
      for (const { page } of [doctor, patient]) await visible(page.locator(`[data-recording=${shown}]`));
    };
    const newest = async (): Promise<RecordingItem | undefined> => {
      const { items } = await clinic.call<{ items: RecordingItem[] }>(
        "clinician",
        `/v1/visits/${visit}/recordings`,
      );
      return items.at(-1);
    };

    it("begins when everyone agrees, pauses for who does not any more, goes on, and becomes a file", async () => {
      await expect(ask("clinician", "recording.start")).rejects.toThrow();
      await ask("patient", "consent.give", { what: "recording" });
      await button(doctor.page, "Record").click();
      await sign("on");
      // What is recorded, and what is not, is so many seconds by the clock.
      await pause(6_000);
      await button(patient.page, "Stop recording me").click();
      await sign("paused");
      await pause(2_000);
      await ask("patient", "consent.give", { what: "recording" });
      await button(doctor.page, "Go on recording").click();
      await sign("on");
      await pause(5_000);
      await button(doctor.page, "Stop the recording").click();
      for (const { page } of [doctor, patient]) {
        await eventually(() => page.locator("[data-recording]").getAttribute("data-recording")).toBe("none");
      }
      await vi.waitUntil(async () => (await newest())?.status === "kept", {
        timeout: 180_000,
        interval: 1_000,
      });
      const item = await newest();
      if (!item) throw new Error("nothing was recorded");
      expect(item).toMatchObject({ fault: null, startedBy: "clinician" });
      expect(item.intervals.map((one) => one.backend)).toEqual([backend, backend]);
      expect(item.gaps.map(({ reason }) => reason)).toContain("consent_withdrawn");
      expect(item.files.map(({ person }) => person ?? "everyone").sort()).toEqual(expected);

      const [together] = item.files;
      if (!together) throw new Error("no file");
      const length = item.intervals.reduce((sum, { from, to }) => sum + to - from, 0) / 1_000;
      const probed = await probe(ffmpeg, await download(item, together));
      process.stderr.write(
        `${backend}: ${length.toFixed(1)} s recorded, the film has ${probed.duration} s\n`,
      );
      expect(probed).toMatchObject({ audio: true, video: true });
      expect(Math.abs((probed.duration ?? 0) - length)).toBeLessThan(1);
      for (const file of item.files.slice(1)) {
        const track = await probe(ffmpeg, await download(item, file));
        expect(Math.abs((track.duration ?? 0) * 1_000 - file.durationMs)).toBeLessThan(1_000);
      }
    });

    /** As somebody who treats does, checked against what is said of it. */
    async function download(
      { recording }: RecordingItem,
      { name, bytes, sha256 }: RecordedFile,
    ): Promise<string> {
      const account = { username: "clinician", password: "demo-clinician" };
      const { access_token: token } = await clinic.call<TokenReply>("clinician", "/v1/auth/token", account);
      const reply = await fetch(
        `${clinic.server.url}/v1/visits/${visit}/recordings/${recording}/files/${name}`,
        {
          headers: { authorization: `Bearer ${token}` },
        },
      );
      const content = Buffer.from(await reply.arrayBuffer());
      expect([reply.status, content.length]).toEqual([200, bytes]);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
      writeFileSync(folder.at(name), content);
      return folder.at(name);
    }
  });
}
