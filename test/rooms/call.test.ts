import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { joinReply, peerJoin } from "../../core/protocol/call.ts";
import type { MediaBackend } from "../../media/backend.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const secret = "turn-secret-of-the-test-0123456789";
const settings = {
  COMMANDS_PER_SECOND: "10000",
  STUN_URLS: "stun:127.0.0.1:3478",
  TURN_URLS: "turn:127.0.0.1:3478?transport=udp",
  TURN_SECRET: secret,
};
const capabilities = { backends: ["peer"], audio: true, video: true };
/** Of a browser that can do what the backend before `peer` takes. */
const capable = { ...capabilities, backends: ["mediasoup", "peer"] };

let clinic: Clinic;
let logged = "";
/** A backend before `peer` in order, which does as it is told. */
let first: "works" | "fails" | "is not there" = "is not there";

/** It stands for an SFU: what a browser gets to join it does not matter to the room. */
const stand: MediaBackend = {
  name: "mediasoup",
  open: async () => {
    if (first !== "works") throw new Error("the worker has died");
    return "worker-1";
  },
  join: async () => ({ backend: "peer", iceServers: [], polite: false }),
  signal: async (_, person, data) => {
    if (first !== "works") throw new Error("the worker has died");
    return { heard: person, data };
  },
  leave: async () => {},
  close: async () => {},
  health: async () => null,
};

beforeAll(async () => {
  const destination = new Writable({
    write: (chunk, _, done) => {
      logged += String(chunk);
      done();
    },
  });
  clinic = await openClinic(settings, {
    log: createLogger({ level: "trace", destination }),
    media: (backends) => [stand, ...backends],
  });
});
afterAll(() => clinic.close());

const peerReply = joinReply.extend({ join: peerJoin });

/** Joins the call; asks again, with the same id, for as long as the room says so. */
async function joinCall(member: Member, id = newId(), can: object = capabilities) {
  for (;;) {
    const reply = await member.ask("media.join", { id, capabilities: can });
    if (reply.code === undefined) return peerReply.parse(reply);
    if (reply.code !== "busy") throw new DomainError("internal", String(reply.code));
  }
}

async function openCall() {
  const opened = await openVisit(clinic);
  const asDoctor = await joinCall(opened.doctor);
  const asPatient = await joinCall(opened.patient);
  return { ...opened, asDoctor, asPatient };
}

const inCall = (...people: readonly string[]) => {
  const wanted = [...people].sort().join();
  return ({ call }: { call?: { people: Record<string, object> } }) =>
    call !== undefined && Object.keys(call.people).sort().join() === wanted;
};

const signal = (member: Member, session: number, to: string, data: unknown) =>
  member.ask("media.signal", { session, to, data });

describe("a call, with stock clients", () => {
  it("brings two together, each with the way to the other, and shows who is in it", async () => {
    const { visit, doctor, patient, asDoctor, asPatient } = await openCall();
    expect(asDoctor.session).toEqual({ n: 1, backend: "peer" });
    expect(asPatient.session).toEqual(asDoctor.session);
    expect([asDoctor.join.polite, asPatient.join.polite].sort()).toEqual([false, true]);
    const [stun, turn] = asPatient.join.iceServers;
    expect(stun).toEqual({ urls: [settings.STUN_URLS] });
    expect(turn).toMatchObject({ urls: [settings.TURN_URLS], username: expect.stringMatching(/^\d{10}:/) });
    expect(turn?.username).not.toMatch(/patient|clinician/);
    const { call } = await patient.state(inCall("clinician", "patient"));
    expect(call).toMatchObject({ n: 1, backend: "peer", state: "open" });
    expect(call.people.clinician).toMatchObject({ audio: true, video: true, since: expect.any(Number) });

    await signal(doctor, 1, "patient", { description: { type: "offer", sdp: "v=0" } });
    expect(await patient.message("media.signal")).toEqual({
      session: 1,
      from: "clinician",
      data: { description: { type: "offer", sdp: "v=0" } },
    });
    const { body } = await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"));
    expect(body.calls).toMatchObject([{ n: 1, backend: "peer", to: null }]);
  });

  it("gives the same request the same place, and a fresh password", async () => {
    const { patient } = await openCall();
    const id = newId();
    const [one, two] = [await joinCall(patient, id), await joinCall(patient, id)];
    expect(two.seq).toBe(one.seq);
    expect(two.session).toEqual(one.session);
    expect(two.join.iceServers[1]?.username).not.toBe(one.join.iceServers[1]?.username);
  });

  it("passes signals between those in the same session alone, and none that are too large", async () => {
    const { doctor, patient } = await openVisit(clinic);
    expect((await signal(patient, 1, "clinician", {})).code).toBe("not_in_call");
    await joinCall(patient);
    expect((await signal(patient, 1, "clinician", {})).code).toBe("participant_not_found");
    expect((await signal(doctor, 1, "patient", {})).code).toBe("not_in_call");
    await joinCall(doctor);
    expect((await signal(doctor, 2, "patient", {})).code).toBe("call_moved");
    expect((await signal(doctor, 1, "clinician", {})).code).toBe("participant_not_found");
    expect((await signal(doctor, 1, "patient", "x".repeat(65_536))).code).toBe("invalid_payload");
    expect((await doctor.ask("media.signal", { session: 1, data: {} })).code).toBe("invalid_payload");
    expect(await signal(doctor, 1, "patient", "x".repeat(65_000))).toEqual({});
    expect((await patient.message("media.signal")).data).toHaveLength(65_000);
    const outsider = (await openVisit(clinic)).doctor;
    expect((await signal(outsider, 1, "patient", {})).code).toBe("not_in_call");
    expect(patient.told.filter(({ name }) => name === "media.signal")).toHaveLength(1);
  });

  it("keeps whoever is at the door out of the call, and from seeing it", async () => {
    const { doctor, visit } = await openCall();
    const invited = await doctor.ask("visit.invite", { id: newId(), role: "family" });
    const accepted = await clinic.rest("POST", `/v1/invitations/${String(invited.code)}/accept`, null, {
      name: "Ken",
      keep: "json",
    });
    const guest = await clinic.enter(String(accepted.body.access_token), visit, "consultation");
    await guest.state(({ phase }) => phase === "waiting");
    expect((await guest.ask("media.join", { id: newId(), capabilities })).code).toBe("forbidden");
    expect((await guest.ask("media.signal", { session: 1, to: "patient", data: {} })).code).toBe("forbidden");
    expect(guest.room.state.toJSON()).not.toHaveProperty("call.people.patient");

    const person = String(accepted.body.guest);
    await guest.ask("visit.knock", { id: newId() });
    await doctor.ask("visit.admit", { id: newId(), participant: person });
    await guest.state(inCall("clinician", "patient"));
    // `peer` holds two, and their call is not given up for a third.
    expect((await guest.ask("media.join", { id: newId(), capabilities })).code).toBe("call_full");
    await doctor.state(({ call }) => call.n === 1 && call.state === "open");
  });

  it("ends for whoever leaves, and for all with the visit, which a call never ends", async () => {
    const { doctor, patient } = await openCall();
    await patient.ask("visit.media", { id: newId(), media: "video" });
    await patient.ask("media.leave", { id: newId() });
    const left = await doctor.state(inCall("clinician"));
    expect(left.participants.patient.media).toBe("none");
    await joinCall(patient);
    await doctor.state(inCall("clinician", "patient"));
    await patient.room.leave();
    await doctor.state(inCall("clinician"));
    await doctor.ask("media.leave", { id: newId() });
    expect(await doctor.state(({ call }) => call.state === "none")).toMatchObject({ phase: "waiting" });
    expect((await joinCall(doctor)).session.n).toBe(2);
    await doctor.ask("visit.end", { id: newId(), outcome: "completed" });
    await doctor.state(({ call, phase }) => phase === "ended" && call.state === "none");
    expect((await doctor.ask("media.join", { id: newId(), capabilities })).code).toBe("visit_ended");
  });

  it("lets the clinician ask for silence, and nobody else", async () => {
    const { doctor, patient } = await openCall();
    const mute = (member: Member, participant: string) =>
      member.ask("media.mute", { id: newId(), participant });
    expect((await mute(patient, "clinician")).code).toBe("forbidden");
    expect((await mute(doctor, "nobody")).code).toBe("participant_not_found");
    expect(await mute(doctor, "patient")).toHaveProperty("seq");
    const asked = { participant: "patient", by: "clinician" };
    expect(await patient.message("media.muteAsked")).toEqual(asked);
    expect(await doctor.message("media.muteAsked")).toEqual(asked);
  });

  it("goes on in a new session when one fails, and keeps the gap", async () => {
    const { visit, doctor, patient } = await openCall();
    const failed = (member: Member, session: number) =>
      member.ask("media.failed", { id: newId(), session, reason: "ice_failed" });
    expect(await failed(patient, 1)).toHaveProperty("seq");
    const switched = { session: { n: 2, backend: "peer" }, reason: "ice_failed" };
    expect(await doctor.message("media.switched")).toEqual(switched);
    expect(await patient.message("media.switched")).toEqual(switched);
    expect(await failed(doctor, 1)).toHaveProperty("seq");
    expect((await joinCall(doctor)).session.n).toBe(2);
    expect((await joinCall(patient)).session.n).toBe(2);
    expect((await signal(doctor, 1, "patient", {})).code).toBe("call_moved");
    expect(await signal(doctor, 2, "patient", {})).toEqual({});
    const { body } = await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"));
    expect(body).toMatchObject({
      phase: "waiting",
      calls: [
        { n: 1, to: expect.any(Number) },
        { n: 2, to: null },
      ],
      callGaps: [{ reason: "ice_failed", from: expect.any(Number), to: expect.any(Number) }],
    });
  });

  it("begins on the backend that works, and takes the next when that dies under it", async () => {
    first = "works";
    const { doctor, patient } = await openVisit(clinic);
    const joined = await doctor.ask("media.join", { id: newId(), capabilities: capable });
    expect(joined.code ?? "").toMatch(/^(busy)?$/);
    await doctor.state(({ call }) => call.state === "open" && call.backend === "mediasoup");
    await patient.ask("media.join", { id: newId(), capabilities: capable });
    expect(await patient.ask("media.signal", { session: 1, data: { produce: 1 } })).toEqual({
      data: { heard: "patient", data: { produce: 1 } },
    });
    first = "fails";
    expect((await patient.ask("media.signal", { session: 1, data: {} })).code).toBe("media_unavailable");
    await patient.ask("media.failed", { id: newId(), session: 1, reason: "no_answer" });
    expect(await doctor.message("media.switched")).toEqual({
      session: { n: 2, backend: "peer" },
      reason: "no_answer",
    });
    first = "is not there";
    expect((await joinCall(doctor, newId(), capable)).session).toEqual({ n: 2, backend: "peer" });
  });

  it("writes nothing of it into the log: no signals, no passwords", async () => {
    const { doctor, asDoctor } = await openCall();
    const marks = ["sdp-mark-4711", "ice-ufrag-mark"];
    await signal(doctor, 1, "patient", { sdp: marks[0], candidate: marks[1] });
    await signal(doctor, 9, "patient", { sdp: marks[0], candidate: marks[1] });
    await signal(doctor, 1, "patient", { sdp: marks[0], more: "x".repeat(70_000) });
    const [, turn] = asDoctor.join.iceServers;
    expect(turn?.credential).toMatch(/=$/);
    const wanted = "room awake here";
    expect(logged).toContain(wanted);
    for (const mark of [...marks, secret, turn?.credential ?? "?", turn?.username ?? "?"]) {
      expect(logged).not.toContain(mark);
    }
  });
});
