import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";
import { manifestText } from "../../core/domain/recording/manifest.ts";
import { recordingItem } from "../../core/protocol/rest-recordings.ts";
import type { MediaBackend } from "../../media/backend.ts";
import { recorderLeaseMs } from "../../media/recorder.ts";
import { createRecordingService } from "../../media/recording/recording-service.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const capabilities = { backends: ["mediasoup", "peer"], audio: true, video: true };
const items = z.object({ items: z.array(recordingItem) });

/** A recorder on a lease, as the real ones are: `<recording> <segment>` → until when it runs. */
const recorders = new Map<string, number>();
let halting: "answers" | "is lost" = "answers";
/** How many more times a recorder begins without saying so in time. */
let slow = 0;
let asked: string[] = [];
const waiting: (() => void)[] = [];

const key = ({ recording, segment }: { recording: string; segment: number }) => `${recording} ${segment}`;
const runs = (which: string) => (recorders.get(which) ?? 0) > performance.now();
const running = () => [...recorders.keys()].filter(runs);

const backend: MediaBackend = {
  name: "mediasoup",
  open: async () => "worker-1",
  join: async () => ({ backend: "peer", iceServers: [], polite: false }),
  signal: async () => null,
  leave: async () => {},
  close: async () => {},
  health: async () => null,
  recorder: {
    start: async (_, segment) => {
      asked.push(`start ${segment.segment}`);
      if (!recorders.has(key(segment))) recorders.set(key(segment), performance.now() + recorderLeaseMs);
      slow -= 1;
      if (slow >= 0) throw new Error("no answer in time");
    },
    renew: async (_, segment) => {
      for (const resolve of waiting.splice(0)) resolve();
      if (!runs(key(segment))) return "stopped";
      recorders.set(key(segment), performance.now() + recorderLeaseMs);
      return "running";
    },
    stop: async (_, segment) => {
      asked.push(`stop ${segment.segment}`);
      if (halting === "is lost") throw new DomainError("media_unavailable");
      recorders.set(key(segment), 0);
    },
  },
};

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic(
    { COMMANDS_PER_SECOND: "10000" },
    {
      media: (all) => [backend, ...all],
      recordings: (vault) => createRecordingService(vault, async () => ({ files: [], fault: "played" })),
    },
  );
});
beforeEach(() => {
  asked = [];
  halting = "answers";
  slow = 0;
  recorders.clear();
});
/** What one test records must not be in another's way. */
afterEach(async () => {
  halting = "answers";
  for (const doctor of opened.splice(0)) {
    await ask(doctor, "visit.end", { outcome: "completed" });
    await status(doctor, "none");
  }
});
afterAll(() => clinic.close());

const opened: Member[] = [];

async function openCall() {
  const { visit, doctor, patient } = await openVisit(clinic);
  opened.push(doctor);
  for (const member of [doctor, patient]) {
    await until(member, "media.join", { capabilities });
  }
  return { visit, doctor, patient };
}

/** Asks again, with the same id, for as long as the room is busy. */
async function until(member: Member, name: string, payload: object) {
  const id = newId();
  for (;;) {
    const reply = await member.ask(name, { id, ...payload });
    if (reply.code !== "busy") return reply;
  }
}

const ask = (member: Member, name: string, payload: object = {}) =>
  member.ask(name, { id: newId(), ...payload });
const agree = (member: Member) => ask(member, "consent.give", { what: "recording" });
const status = (member: Member, wanted: string, segment?: number) =>
  member.state(
    ({ recording }) =>
      recording?.status === wanted && (segment === undefined || recording.segment === segment),
  );

async function recorded() {
  const visit = await openCall();
  await agree(visit.doctor);
  await agree(visit.patient);
  expect(await ask(visit.doctor, "recording.start")).toHaveProperty("seq");
  await status(visit.patient, "running");
  return visit;
}

async function listed(visit: string, who = "clinician") {
  const { body } = await clinic.rest("GET", `/v1/visits/${visit}/recordings`, await clinic.token(who));
  return items.parse(body).items;
}

async function guestOf(doctor: Member, visit: string) {
  const invited = await ask(doctor, "visit.invite", { role: "family" });
  const accepted = await clinic.rest("POST", `/v1/invitations/${String(invited.code)}/accept`, null, {
    name: "Ken",
    keep: "json",
  });
  const guest = await clinic.enter(String(accepted.body.access_token), visit, "consultation");
  await ask(guest, "visit.knock");
  return { guest, person: String(accepted.body.guest) };
}

describe("a recording, with stock clients", () => {
  it("begins when everyone there has agreed, is seen by all, and is not the patient's to start", async () => {
    const { doctor, patient } = await openCall();
    expect((await ask(doctor, "recording.start")).code).toBe("consent_missing");
    await agree(doctor);
    expect((await ask(doctor, "recording.start")).code).toBe("consent_missing");
    await agree(patient);
    expect((await ask(patient, "recording.start")).code).toBe("forbidden");
    expect(asked).toEqual([]);
    expect(await ask(doctor, "recording.start")).toHaveProperty("seq");
    const { recording } = await status(patient, "running");
    expect(recording).toMatchObject({ segment: 1, recorder: "", reason: "", since: expect.any(Number) });
    expect(await patient.message("recording.state", (told) => told.status === "running")).toMatchObject({
      recording: recording.id,
      recorder: null,
    });
    expect((await ask(doctor, "recording.start")).code).toBe("recording_running");
    await new Promise<void>((resolve) => waiting.push(resolve));
    expect(running()).toEqual([`${recording.id} 1`]);
  });

  it("is asked once more whether it has begun, where that took long: no segment is given up for it", async () => {
    const { visit, doctor, patient } = await openCall();
    await agree(doctor);
    await agree(patient);
    slow = 1;
    await ask(doctor, "recording.start");
    await status(patient, "running", 1);
    expect(asked).toEqual(["start 1", "start 1"]);
    expect(running()).toHaveLength(1);
    expect(await listed(visit)).toMatchObject([{ intervals: [{ segment: 1 }], gaps: [] }]);
  });

  it("pauses when somebody withdraws, goes on when asked, and is sealed with what happened", async () => {
    const { visit, doctor, patient } = await recorded();
    await ask(patient, "consent.withdraw", { what: "recording" });
    const paused = await status(patient, "paused");
    expect(paused.recording.reason).toBe("consent_withdrawn");
    expect(running()).toEqual([]);
    expect((await ask(doctor, "recording.start")).code).toBe("consent_missing");
    await agree(patient);
    await ask(doctor, "recording.start");
    await status(doctor, "running", 2);
    await ask(doctor, "recording.stop");
    await status(doctor, "none");
    expect(asked).toEqual(["start 1", "stop 1", "start 2", "stop 2"]);
    await expect.poll(async () => (await listed(visit))[0]?.status).toBe("kept");
    const [item] = await listed(visit);
    if (!item || item.to === null || item.reason === null) throw new Error("not sealed");
    expect(item).toMatchObject({
      intervals: [{ segment: 1, backend: "mediasoup" }, { segment: 2 }],
      gaps: [{ reason: "consent_withdrawn" }],
      files: [],
      fault: "played",
    });
    const text = manifestText({ ...item, to: item.to, reason: item.reason }, item);
    expect(item.sha256).toBe(createHash("sha256").update(text).digest("hex"));
    expect((await ask(doctor, "recording.stop")).code).toBe("recording_not_found");
  });

  it("lets nobody in before the recorder has ended", async () => {
    const { visit, doctor } = await recorded();
    const { guest, person } = await guestOf(doctor, visit);
    const inside = doctor.state(({ participants }) => participants[person]?.admission === "admitted");
    let endedBefore = false;
    void inside.then(() => {
      endedBefore = running().length === 0;
    });
    expect(await ask(doctor, "visit.admit", { participant: person })).toHaveProperty("seq");
    await inside;
    expect(endedBefore).toBe(true);
    expect((await status(guest, "paused")).recording.reason).toBe("newcomer");
    expect((await ask(doctor, "recording.start")).code).toBe("consent_missing");
    await agree(guest);
    expect(await ask(doctor, "recording.start")).toHaveProperty("seq");
  });

  it("lets them in when the lease has run out, where the recorder does not answer", async () => {
    const { visit, doctor } = await recorded();
    const { person } = await guestOf(doctor, visit);
    halting = "is lost";
    await ask(doctor, "visit.admit", { participant: person });
    await doctor.state(({ participants }) => participants[person]?.admission === "admitted");
    expect(running()).toEqual([]);
  }, 30_000);

  it("breaks when the recorder has ended by itself, says so, and begins a new segment", async () => {
    const { visit, doctor, patient } = await recorded();
    recorders.set(running()[0] ?? "", 0);
    expect((await status(patient, "broken")).recording.reason).toBe("recorder_ended");
    await status(patient, "running", 2);
    await ask(doctor, "visit.end", { outcome: "completed" });
    await expect.poll(async () => (await listed(visit))[0]?.status).toBe("kept");
    expect(await listed(visit)).toMatchObject([
      { reason: "visit_ended", gaps: [{ reason: "recorder_ended" }], intervals: [{}, { segment: 2 }] },
    ]);
  }, 30_000);

  it("is listed for those who treat and for the patient, and for nobody else", async () => {
    const { visit } = await recorded();
    expect(await listed(visit, "patient")).toMatchObject([{ status: "recording", files: [], to: null }]);
    for (const who of ["patient2", "desk", "clinician2"]) {
      const { status: code } = await clinic.rest(
        "GET",
        `/v1/visits/${visit}/recordings`,
        await clinic.token(who),
      );
      expect([403, 404], who).toContain(code);
    }
    expect(await listed(visit, "admin")).toHaveLength(1);
  });
});
