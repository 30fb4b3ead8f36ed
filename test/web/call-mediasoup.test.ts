import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { VisitSummary } from "../../core/protocol/visit.ts";
import { type Coturn, startCoturn } from "../media/coturn.ts";
import {
  type Caller,
  callerAt,
  firstFrameAfterJoining,
  guestAt,
  receivedOf,
  seesAndHearsAll,
} from "./call-people.ts";
import { type Clinic, openClinic } from "./clinic.ts";
import { eventually, expectCount, visible } from "./expect.ts";
import { signalWorker, worker, workerEnv } from "./mediasoup-worker.ts";
import { openStaff, type Staff } from "./waiting-rooms.ts";

// Pictures are coded by the processor here, of three people at once.
vi.setConfig({ testTimeout: 180_000 });

const phone = { width: 390, height: 844 };
const button = (page: Page, name: string | RegExp) =>
  page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name });

let coturn: Coturn;
let clinic: Clinic;
let staff: Staff;

beforeAll(async () => {
  if (worker === null) return;
  coturn = await startCoturn();
  clinic = await openClinic({
    devices: true,
    env: {
      ...{ MEDIA_ORDER: "mediasoup,peer", MEDIASOUP_WORKERS: "1", ...workerEnv },
      ...{ TURN_URLS: `turn:127.0.0.1:${coturn.port}?transport=udp`, TURN_SECRET: coturn.secret },
    },
  });
  staff = await openStaff(clinic, ["clinician"]);
}, 300_000);
afterAll(async () => {
  await staff?.close();
  await clinic?.close();
  await coturn?.dispose();
});

/** A visit that has begun, and a way in for an interpreter. */
async function begun(): Promise<{ readonly visit: string; readonly code: string }> {
  const visit = await staff.newVisit({ patient: "patient", clinician: "clinician", reason: "Cough" });
  const room = staff.sessions.clinician?.joinVisit(visit);
  await room?.start();
  const { code = "" } = (await room?.invite("interpreter")) ?? {};
  await room?.chat.send("Good morning.");
  await room?.leave();
  return { visit, code };
}

describe.skipIf(worker === null)("a call of two over mediasoup, through a relay alone", () => {
  it("goes on by itself after its network was gone for five seconds and longer, until both had noticed", async () => {
    const { visit } = await begun();
    const both = await Promise.all([
      callerAt(clinic, "clinician", visit, { relayOnly: true }),
      callerAt(clinic, "patient", visit, { ...phone, relayOnly: true }),
    ]);
    for (const { page } of both) await button(page, "Join with video").click();
    await Promise.all(both.map((one) => seesAndHearsAll(one, 1)));
    const status = (page: Page) => page.locator("[data-call]").getAttribute("data-call");
    coturn.pause();
    // As long as a network is gone.
    await pause(5_000);
    await Promise.all(both.map(({ page }) => eventually(() => status(page)).toBe("reconnecting")));
    coturn.resume();
    await Promise.all(both.map((one) => seesAndHearsAll(one, 1)));
    const { calls } = await clinic.call<VisitSummary>("clinician", `/v1/visits/${visit}`);
    expect(calls.map(({ backend }) => backend)).toEqual(["mediasoup"]);
    await Promise.all(both.map(({ context }) => context.close()));
  });
});

describe.skipIf(worker === null)("a call of three over mediasoup", () => {
  let visit = "";
  let doctor: Caller;
  let patient: Caller;
  let guest: Caller;

  // One call for all of these, and in this order.
  beforeAll(async () => {
    const { visit: id, code } = await begun();
    visit = id;
    const consent = { name: "consent.give", payload: { id: crypto.randomUUID(), what: "telehealth" } };
    await clinic.call("patient", `/v1/rooms/consultation/${visit}/commands`, consent);
    doctor = await callerAt(clinic, "clinician", visit);
    patient = await callerAt(clinic, "patient", visit, phone);
    guest = await guestAt(clinic, code, "Kenji Mori", phone);
    await button(doctor.page, "Let in").click();
  }, 300_000);

  const everyone = () => [doctor, patient, guest];
  const all = () => Promise.all(everyone().map((one) => seesAndHearsAll(one, everyone().length - 1)));
  const record = () => clinic.call<VisitSummary>("clinician", `/v1/visits/${visit}`);
  const sessions = async () => (await record()).calls.map(({ backend }) => backend);

  it("begins with one press each: all see and hear each other", async () => {
    for (const { page } of everyone()) await button(page, "Join with video").click();
    await all();
    expect(await sessions()).toEqual(["mediasoup"]);
  });

  it("shows a screen to all, beside the pictures", async () => {
    await button(guest.page, "Share screen").click();
    for (const { page } of [doctor, patient]) {
      await visible(page.locator("[data-kind=screen] video"));
      const width = () =>
        page.locator("[data-kind=screen] video").evaluate((video: HTMLVideoElement) => video.videoWidth);
      await eventually(async () => (await width()) > 100).toBe(true);
    }
    await all();
    await button(guest.page, "Stop sharing").click();
    for (const { page } of [doctor, patient]) await expectCount(page.locator("[data-kind=screen]"), 0);
  });

  it("lets one be silent and unseen; a clinician mutes others", async () => {
    await button(doctor.page, "Mute").click();
    for (const { page } of [patient, guest]) {
      const heard = async () => (await receivedOf(page)).clinician?.audio;
      await eventually(async () => {
        const before = await heard();
        await pause(500);
        return (await heard()) === before;
      }).toBe(true);
    }
    await button(doctor.page, "Unmute").click();
    await button(doctor.page, "Camera off").click();
    // Whoever speaks is in the middle; a small picture has no words.
    for (const { page } of [patient, guest])
      await expectCount(page.locator("[data-person=clinician][data-kind=person] video"), 0);
    await button(doctor.page, "Camera on").click();
    await all();
    await button(doctor.page, /^Mute Kenji Mori/).click();
    await visible(guest.page.getByText(/^The clinician has switched your microphone off/));
    await button(guest.page, "Unmute").click();
    await all();
  });

  it("takes another microphone and camera while one speaks", async () => {
    const { page } = doctor;
    const labels = () =>
      page.evaluate(() =>
        window.peers
          .flatMap((peer) => (peer.signalingState === "closed" ? [] : peer.getSenders()))
          .flatMap(({ track }) => track?.label ?? [])
          .sort(),
      );
    const [microphone, camera] = await labels();
    await button(page, "Devices").click();
    const dialog = page.getByRole("dialog");
    for (const device of ["Microphone", "Camera"]) {
      const choice = dialog.getByLabel(device, { exact: true });
      const options = await choice.locator("option").allTextContents();
      await choice.selectOption({ index: options.length - 1 });
    }
    await button(page, "Done").click();
    await eventually(async () => {
      const now = await labels();
      return now.length === 2 && !now.includes(microphone ?? "") && !now.includes(camera ?? "");
    }).toBe(true);
    await all();
  });

  it("goes on after a reload, by itself", async () => {
    await patient.page.reload();
    await all();
  });

  // One that stands still for five seconds is taken for dead.
  it("goes on after its worker stood still for four seconds, by itself", async () => {
    await signalWorker(clinic.server.pid(), "SIGSTOP");
    await pause(4_000);
    await signalWorker(clinic.server.pid(), "SIGCONT");
    const since = performance.now();
    await all();
    process.stdout.write(
      `mediasoup: all see each other ${Math.round(performance.now() - since)} ms after the worker stood still for 4 s\n`,
    );
    expect(await sessions()).toEqual(["mediasoup"]);
  });

  it("shows the first picture soon after Join was pressed", async () => {
    await button(patient.page, "Leave the call").click();
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      await expectCount(doctor.page.locator("[data-person=patient]"), 0);
      times.push(await firstFrameAfterJoining(patient, "Join the call again"));
      await button(patient.page, "Leave the call").click();
    }
    await button(patient.page, "Join the call again").click();
    times.sort((a, b) => a - b);
    const [p50 = 0, p95 = 0] = [times[4], times[9]];
    process.stdout.write(
      `mediasoup: first remote frame after Join: p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms\n`,
    );
    await all();
  });

  it("goes on in another session when its worker is killed, of three on mediasoup again", async () => {
    const since = performance.now();
    await signalWorker(clinic.server.pid(), "SIGKILL");
    await eventually(async () => (await sessions()).length).toBe(2);
    await all();
    process.stdout.write(
      `mediasoup: three see each other again ${Math.round(performance.now() - since)} ms after SIGKILL\n`,
    );
    expect(await sessions()).toEqual(["mediasoup", "mediasoup"]);
  });

  it("goes on from browser to browser when its worker is killed under two, and the visit is as it was", async () => {
    await button(guest.page, "Leave the call").click();
    await expectCount(doctor.page.locator("[data-person]"), 1);
    const before = await record();
    const since = performance.now();
    await signalWorker(clinic.server.pid(), "SIGKILL");
    await eventually(async () => (await sessions()).at(-1)).toBe("peer");
    await Promise.all([doctor, patient].map((one) => seesAndHearsAll(one, 1)));
    process.stdout.write(
      `mediasoup: two see each other again ${Math.round(performance.now() - since)} ms after SIGKILL, over peer\n`,
    );
    const after = await record();
    expect(after.consents).toEqual(before.consents);
    expect(after.consents).toMatchObject([{ person: "patient", what: "telehealth", withdrawnAt: null }]);
    await visible(patient.page.getByRole("button", { name: /^Chat/ }));
    const messages = await clinic.call<{ readonly items: readonly { readonly body: string }[] }>(
      "patient",
      `/v1/rooms/consultation/${visit}/messages`,
    );
    expect(messages.items.map(({ body }) => body)).toEqual(["Good morning."]);
    // Each session ends where its gap begins, and the next begins where that ends.
    expect(after.callGaps).toHaveLength(2);
    for (const [i, gap] of after.callGaps.entries()) {
      expect(gap).toMatchObject({
        reason: "worker_died",
        from: after.calls[i]?.to,
        to: after.calls[i + 1]?.from,
      });
    }
    expect(after.calls.at(-1)).toMatchObject({ backend: "peer", to: null });
    expect(after.media).toEqual(before.media);
  });
});
