import { afterAll, beforeAll, expect, it } from "vitest";
import { joinReply } from "../../core/protocol/call.ts";
import { mediasoupJoin } from "../../core/protocol/mediasoup.ts";
import { Made, rtpOf, withWorker } from "../media/mediasoup-node.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";
import { openVisit } from "./opened-visit.ts";

const capabilities = { backends: ["mediasoup", "peer"], audio: true, video: true };
const soon = { timeout: 20_000, interval: 100 };
const reply = joinReply.extend({ join: mediasoupJoin });

withWorker("a visit's call over mediasoup, with stock clients", () => {
  const made = new Made();
  let clinic: Clinic;
  beforeAll(async () => {
    const { PATH = "", MEDIASOUP_WORKER_BIN: bin } = process.env;
    clinic = await openClinic({
      COMMANDS_PER_SECOND: "10000",
      ROLES: "rooms,api,media",
      MEDIASOUP_WORKERS: "1",
      PATH,
      ...(bin ? { MEDIASOUP_WORKER_BIN: bin } : {}),
    });
  });
  afterAll(() => clinic.close());

  const joinCall = async (member: Member) => {
    const id = newId();
    for (;;) {
      const answer = await member.ask("media.join", { id, capabilities });
      if (answer.code === undefined) return reply.parse(answer);
      expect(answer.code).toBe("busy");
    }
  };

  const openCall = async () => {
    const { visit, doctor, patient } = await openVisit(clinic);
    return {
      visit,
      doctor,
      patient,
      asDoctor: await joinCall(doctor),
      asPatient: await joinCall(patient),
    };
  };

  it("brings people together on one worker, and passes on what their browsers ask of it", async () => {
    const { doctor, patient, asDoctor, asPatient } = await openCall();
    expect(asDoctor.session).toEqual({ n: 1, backend: "mediasoup" });
    const ask = (member: Member, data: object) => member.ask("media.signal", { session: 1, data });
    const { presence } = asPatient.join;
    const given = await ask(patient, {
      ask: "produce",
      presence,
      slot: "audio",
      rtpParameters: rtpOf("audio", 11),
    });
    expect(given).toEqual({ data: { producer: expect.any(String) } });
    const told = made.said.get(asDoctor.join.news.dataProducerId)?.at(-1);
    expect(told).toMatchObject({ news: "offers", offers: [{ person: "patient", slot: "audio" }] });
    expect((await ask(doctor, { ask: "withhold", presence, from: [] })).code).toBe("call_moved");
    expect((await ask(doctor, { ask: "sing" })).code).toBe("invalid_payload");
    await patient.ask("media.leave", { id: newId() });
    await expect.poll(() => [...made.producers.values()].every(({ closed }) => closed), soon).toBe(true);
  });

  it("lets those who only observe give nothing", async () => {
    const { visit, doctor } = await openCall();
    const invited = await doctor.ask("visit.invite", { id: newId(), role: "observer" });
    const { body } = await clinic.rest("POST", `/v1/invitations/${String(invited.code)}/accept`, null, {
      name: "Ken",
      keep: "json",
    });
    const guest = await clinic.enter(String(body.access_token), visit, "consultation");
    await guest.ask("visit.knock", { id: newId() });
    await doctor.ask("visit.admit", { id: newId(), participant: String(body.guest) });
    await guest.state(({ phase, call }) => phase === "waiting" && call?.n === 1);
    expect((await joinCall(guest)).join.send).toBeNull();
  });

  it("goes on over the next backend when the worker is killed, and keeps the gap", async () => {
    const { visit, doctor, patient } = await openCall();
    const pid = made.workers.findLast(({ died }) => !died)?.pid ?? 0;
    const killed = performance.now();
    process.kill(pid, "SIGKILL");
    const switched = { session: { n: 2, backend: "peer" }, reason: "worker_died" };
    // Nobody in it has reported anything.
    expect(await doctor.message("media.switched")).toEqual(switched);
    process.stdout.write(`from the kill to the next session: ${Math.round(performance.now() - killed)} ms\n`);
    expect(await patient.message("media.switched")).toEqual(switched);
    const { body } = await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"));
    expect(body).toMatchObject({
      phase: "waiting",
      calls: [
        { n: 1, backend: "mediasoup", to: expect.any(Number) },
        { n: 2, backend: "peer", to: null },
      ],
      callGaps: [{ reason: "worker_died", from: expect.any(Number), to: expect.any(Number) }],
    });
    const ready = async () => (await (await fetch(`${clinic.url}/readyz`)).json()).checks;
    await expect.poll(ready, soon).toContainEqual({ name: "media", ready: true });
    // The worker is back for the next visit.
    await expect.poll(async () => (await openCall()).asDoctor.session.backend, soon).toBe("mediasoup");
  });
});

it("runs without a worker: the backend is off, start-up and /readyz say so, and the next one serves", async () => {
  const clinic = await openClinic({
    ROLES: "rooms,api,media",
    MEDIA_ORDER: "mediasoup,peer",
    MEDIASOUP_WORKER_BIN: "/nowhere/mediasoup-worker",
  });
  const { status, body } = await clinic.rest("GET", "/readyz", null);
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "degraded" });
  expect(body.checks).toContainEqual(
    expect.objectContaining({
      name: "media",
      reason: expect.stringMatching(/^mediasoup: .*not on this machine/),
    }),
  );
  const { body: made } = await clinic.rest("POST", "/v1/visits", await clinic.token("desk"), {
    patient: "patient",
    clinician: "clinician",
  });
  const patient = await clinic.join("patient", String(made.id), "consultation");
  await patient.ask("media.join", { id: newId(), capabilities });
  await patient.state(({ call }) => call?.state === "open" && call.backend === "peer" && call.n === 1);
  await clinic.close();
}, 90_000);
