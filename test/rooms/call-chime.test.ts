import { Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createLogger } from "../../core/platform/logger.ts";
import { chimeJoin, joinReply } from "../../core/protocol/call.ts";
import { ChimeService, credentials, region } from "../media/chime-service.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const capabilities = { backends: ["chime", "peer"], audio: true, video: true };

let clinic: Clinic;
let chime: ChimeService;
let logged = "";

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  chime = new ChimeService();
  const destination = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  const settings = {
    CHIME_REGION: region,
    CHIME_MEDIA_REGION: region,
    CHIME_ENDPOINT: await chime.listen(),
    COMMANDS_PER_SECOND: "10000",
  };
  clinic = await openClinic(settings, { log: createLogger({ level: "trace", destination }) });
});
afterAll(async () => {
  await clinic.close();
  chime.close();
  vi.unstubAllEnvs();
});
afterEach(() => {
  chime.instead.splice(0);
  expect(chime.faults).toEqual([]);
});

async function joinCall(member: Member) {
  const id = newId();
  for (;;) {
    const reply = await member.ask("media.join", { id, capabilities });
    if (reply.code === undefined) return joinReply.parse(reply);
    if (reply.code !== "busy") return { code: reply.code };
  }
}

describe("a visit's call over Amazon Chime", () => {
  it("brings its people together in one meeting, and ends it with the call", async () => {
    const { doctor, patient } = await openVisit(clinic);
    const [asDoctor, asPatient] = [await joinCall(doctor), await joinCall(patient)];
    expect(asDoctor).toMatchObject({ session: { n: 1, backend: "chime" }, join: { backend: "chime" } });
    const joins = [asDoctor, asPatient].map((reply) => chimeJoin.parse("join" in reply && reply.join));
    expect(joins[0]?.meeting).toEqual(joins[1]?.meeting);
    const meeting = chime.meetings.get(joins[0]?.meeting.MeetingId ?? "");
    expect(meeting?.attendees).toHaveLength(2);
    await patient.ask("media.leave", { id: newId() });
    await expect.poll(() => meeting?.attendees.length).toBe(1);
    await doctor.ask("media.leave", { id: newId() });
    await expect.poll(() => chime.meetings.size).toBe(0);
    for (const { attendee, key } of joins) {
      expect(logged).not.toContain(attendee.JoinToken);
      expect(logged).not.toContain(key);
    }
    expect(logged).not.toContain(credentials.secretAccessKey);
    expect(logged).toContain("room awake here");
  });

  it("goes on over the next backend when Amazon has ended the meeting", async () => {
    const { doctor, patient } = await openVisit(clinic);
    await joinCall(doctor);
    chime.meetings.clear();
    expect(await joinCall(patient)).toEqual({ code: "call_gone" });
    await patient.ask("media.failed", { id: newId(), session: 1, reason: "session_gone" });
    // What failed is tried last.
    expect(await doctor.message("media.switched")).toMatchObject({
      session: { n: 2, backend: "peer" },
      reason: "session_gone",
    });
  });

  it("begins from browser to browser when Amazon fails", async () => {
    const { visit, doctor, patient } = await openVisit(clinic);
    chime.instead.push("broken", "broken", "broken");
    expect(await joinCall(doctor)).toMatchObject({ session: { n: 2, backend: "peer" } });
    expect(await joinCall(patient)).toMatchObject({ session: { n: 2, backend: "peer" } });
    const { body } = await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"));
    expect(body).toMatchObject({
      phase: "waiting",
      calls: [{ n: 2, backend: "peer", to: null }],
      callGaps: [{ reason: "media_unavailable", to: expect.any(Number) }],
    });
  });
});
