import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic({ COMMANDS_PER_SECOND: "10000" });
});
afterAll(() => clinic.close());

/** A visit of the patient with the clinician, both inside. */
async function openVisit() {
  const { body, status } = await clinic.rest("POST", "/v1/visits", await clinic.token("desk"), {
    patient: "patient",
    clinician: "clinician",
    reason: "Follow-up",
  });
  expect(status).toBe(201);
  const visit = String(body.id);
  const doctor = await clinic.join("clinician", visit, "consultation");
  const patient = await clinic.join("patient", visit, "consultation");
  return { visit, doctor, patient };
}

interface Invited {
  readonly invitation: string;
  readonly code: string;
}

async function invite(doctor: Member, role = "interpreter", id = newId()): Promise<Invited> {
  const reply = await doctor.ask("visit.invite", { id, role, label: "Ms Ito" });
  return { invitation: String(reply.invitation), code: String(reply.code) };
}

const accept = (code: string, name: string) =>
  clinic.rest("POST", `/v1/invitations/${code}/accept`, null, { name, keep: "json" });

/** A guest who came by an invitation and stands at the door. */
async function guestOf(doctor: Member, visit: string, role?: string) {
  const { invitation, code } = await invite(doctor, role);
  const { body } = await accept(code, "Keiko Ito");
  const guest = await clinic.enter(String(body.access_token), visit, "consultation");
  return { invitation, guest, person: String(body.guest) };
}

describe("a consultation, with stock clients", () => {
  it("keeps whoever is at the door from everything inside until they are let in", async () => {
    const { visit, doctor, patient } = await openVisit();
    await patient.say("Only for those inside");
    const { guest, person } = await guestOf(doctor, visit);
    expect(await guest.message("visit.you")).toMatchObject({ role: "interpreter", admission: "expected" });
    await guest.state(({ phase }) => phase === "waiting");
    const seen = JSON.stringify([guest.room.state.toJSON(), guest.told, guest.events]);
    expect(seen).not.toMatch(/Hana|Follow-up|Only for/);
    for (const [name, payload] of [
      ["chat.resume", { after: 0 }],
      ["chat.send", { id: newId(), body: "Hello?" }],
      ["visit.start", { id: newId() }],
      ["consent.give", { id: newId(), what: "telehealth" }],
    ] as const) {
      expect((await guest.ask(name, payload)).code).toMatch(/forbidden|room_not_found/);
    }

    expect(await guest.ask("visit.knock", { id: newId() })).toHaveProperty("seq");
    await doctor.state(({ participants }) => participants[person]?.admission === "knocking");
    expect(guest.events).toEqual([]);
    expect(await doctor.ask("visit.admit", { id: newId(), participant: person })).toHaveProperty("seq");
    await guest.message("visit.you", ({ admission }) => admission === "admitted");
    // On the same connection: the rest of the state, and from now on what is said.
    const inside = await guest.state(({ participants }) => participants.patient !== undefined);
    expect(inside).toMatchObject({ reason: "Follow-up", patient: "patient" });
    await patient.say("Welcome");
    await guest.event(({ body }) => body === "Welcome");
    await guest.say("Thank you");
    await doctor.event(({ body }) => body === "Thank you");
    await doctor.ask("visit.hold", { id: newId(), on: true });
    await doctor.ask("visit.start", { id: newId() });
    await guest.state(({ phase }) => phase === "in_progress");

    expect(await doctor.ask("visit.remove", { id: newId(), participant: person })).toHaveProperty("seq");
    expect(await guest.left).toBe(4102);
  });

  it("takes a code once, and gives the same one for the same request", async () => {
    const { visit, doctor } = await openVisit();
    const id = newId();
    const first = await invite(doctor, "family", id);
    expect(await invite(doctor, "family", id)).toEqual(first);
    expect(JSON.stringify(doctor.room.state.toJSON())).not.toContain(first.code.split(".")[2]);
    const accepted = await accept(first.code, "Taro");
    expect(accepted.status).toBe(200);
    expect((await accept(first.code, "Jiro")).body.code).toBe("invitation_used");
    const guest = await clinic.enter(String(accepted.body.access_token), visit, "consultation");
    await guest.message("visit.you");
    await doctor.ask("visit.revoke", { id: newId(), invitation: first.invitation });
    expect(await guest.left).toBe(4102);
    const late = await invite(doctor, "observer");
    await doctor.ask("visit.revoke", { id: newId(), invitation: late.invitation });
    expect((await accept(late.code, "Saburo")).body.code).toBe("invitation_invalid");
    expect((await accept(`${late.code}x`, "Saburo")).body.code).toBe("invitation_invalid");
  });

  it("never speaks to a guest of what they do not have, let in, moved about or revoked", async () => {
    const said: unknown[] = [];
    const listen = (...words: unknown[]) => said.push(words);
    const spies = [vi.spyOn(console, "warn"), vi.spyOn(console, "error"), vi.spyOn(console, "log")];
    for (const spy of spies) spy.mockImplementation(listen);
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore();
    });
    const { visit, doctor, patient } = await openVisit();
    const { guest, person, invitation } = await guestOf(doctor, visit);
    await guest.ask("visit.knock", { id: newId() });
    await doctor.ask("visit.admit", { id: newId(), participant: person });
    await guest.state(({ participants }) => participants[person]?.admission === "admitted");
    await patient.say("Welcome");
    await guest.event(({ body }) => body === "Welcome");
    await patient.ask("consent.give", { id: newId(), what: "observers" });
    await invite(doctor, "family");
    await guest.state(({ consents }) => Object.keys(consents).length === 1);
    await doctor.ask("visit.revoke", { id: newId(), invitation });
    expect(await guest.left).toBe(4102);
    await doctor.state(({ participants }) => participants[person]?.online === false);
    expect(said).toEqual([]);
  });

  it("lets nobody to the door while it is locked", async () => {
    const { visit, doctor } = await openVisit();
    const { guest } = await guestOf(doctor, visit);
    await doctor.ask("visit.lock", { id: newId(), on: true });
    await guest.message("visit.you", ({ locked }) => locked === true);
    expect(await guest.ask("visit.knock", { id: newId() })).toMatchObject({ code: "visit_locked" });
    const { code } = await invite(doctor);
    expect((await accept(code, "Late")).body.code).toBe("visit_locked");
    await doctor.ask("visit.lock", { id: newId(), on: false });
    expect(await guest.ask("visit.knock", { id: newId() })).toHaveProperty("seq");
  });

  it("shows consents and media live, and keeps them for the summary", async () => {
    const { visit, doctor, patient } = await openVisit();
    await patient.ask("consent.give", { id: newId(), what: "recording" });
    await doctor.state(({ consents }) => consents?.["patient recording"]?.withdrawnAt === 0);
    await patient.ask("consent.withdraw", { id: newId(), what: "recording" });
    await doctor.state(({ consents }) => consents?.["patient recording"]?.withdrawnAt > 0);
    await doctor.ask("visit.start", { id: newId() });
    await patient.ask("visit.media", { id: newId(), media: "video" });
    await patient.ask("visit.media", { id: newId(), media: "audio" });
    await doctor.state(({ participants }) => participants.patient?.media === "audio");
    await doctor.ask("visit.note", { id: newId(), body: "For staff" });
    await doctor.ask("visit.note", { id: newId(), body: "Drink water", shared: true });
    expect(await patient.ask("visit.survey", { id: newId(), rating: 5 })).toMatchObject({
      code: "visit_phase",
    });
    await doctor.ask("visit.end", { id: newId(), outcome: "completed" });
    expect(await patient.ask("chat.send", { id: newId(), body: "Bye" })).toMatchObject({
      code: "visit_ended",
    });
    expect(await patient.ask("visit.survey", { id: newId(), rating: 5 })).toHaveProperty("seq");
    expect(await patient.ask("visit.survey", { id: newId(), rating: 1 })).toMatchObject({
      code: "survey_given",
    });
    const summary = await patient.ask("visit.summary", {});
    expect(summary).toMatchObject({
      outcome: "completed",
      media: [{ media: "video" }, { media: "audio" }, { media: "none" }],
      notes: [{ body: "Drink water" }],
      consents: [{ what: "recording", withdrawnAt: expect.any(Number) }],
    });
    const { body } = await clinic.rest("GET", `/v1/visits/${visit}`, await clinic.token("clinician"));
    expect(body).toMatchObject({ notes: [{ body: "For staff" }, { body: "Drink water" }] });
  });

  it("goes on with a colleague, who joins its conversation", async () => {
    const { visit, doctor } = await openVisit();
    await expect(clinic.join("clinician2", visit, "consultation")).rejects.toThrow();
    await expect(clinic.join("patient2", visit, "consultation")).rejects.toThrow();
    expect(await doctor.ask("visit.transfer", { id: newId(), to: "patient2" })).toMatchObject({
      code: "person_not_found",
    });
    expect(await doctor.ask("visit.transfer", { id: newId(), to: "clinician2" })).toHaveProperty("seq");
    const colleague = await clinic.join("clinician2", visit, "consultation");
    await colleague.state(({ clinician }) => clinician === "clinician2");
    await colleague.say("Hello, I am taking over");
    await doctor.event(({ body }) => body === "Hello, I am taking over");
  });
});
