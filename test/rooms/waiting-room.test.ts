import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic({ COMMANDS_PER_SECOND: "10000" });
});
afterAll(() => clinic.close());

/** A queue of its own, run by both clinicians and the desk. */
async function openQueue(settings: object = {}): Promise<string> {
  const { body, status } = await clinic.rest("POST", "/v1/queues", await clinic.token("admin"), {
    settings: { title: "Test", ...settings },
    staff: ["clinician", "clinician2", "desk"],
  });
  expect(status).toBe(201);
  return String(body.id);
}

const join = (member: Member, reason = "Cough") => member.ask("queue.join", { id: newId(), reason });

async function entryOf(patient: Member): Promise<string> {
  const { entry } = await patient.message("queue.place", (place) => place.entry !== null);
  return String(entry);
}

/** The three demo patients, waiting in their order. */
async function threeWaiting(queue: string) {
  const patients = [];
  for (const name of ["patient", "patient2", "patient3"]) {
    const patient = await clinic.join(name, queue, "waiting");
    await join(patient);
    await patient.message("queue.place", ({ place }) => place !== null);
    patients.push(patient);
  }
  const [first, second, third] = patients;
  if (!first || !second || !third) throw new Error("three patients");
  return { first, second, third };
}

describe("a waiting room, with stock clients", () => {
  it("takes a patient from joining to the visit, and tells them alone", async () => {
    const queue = await openQueue();
    const staff = await clinic.join("clinician", queue, "waiting");
    const patient = await clinic.join("patient", queue, "waiting");
    await join(patient);
    const entry = await entryOf(patient);
    await staff.state(({ entries }) => entries[entry]?.status === "waiting");

    expect(await staff.ask("queue.call", { id: newId(), entry })).toHaveProperty("seq");
    await patient.message("queue.called", (called) => called.entry === entry);
    expect(await patient.ask("queue.confirm", { id: newId() })).toHaveProperty("seq");
    await staff.state(({ entries }) => entries[entry]?.status === "confirmed");
    expect(await staff.ask("queue.admit", { id: newId(), entry })).toHaveProperty("seq");

    const { visit } = await patient.message("queue.admitted");
    const { duty } = await staff.state(({ entries }) => entries[entry] === undefined);
    expect(duty.clinician).toMatchObject({ status: "in_visit", visit });

    // Again on every join, until it was used.
    const again = await clinic.join("patient", queue, "waiting");
    expect(await again.message("queue.admitted")).toMatchObject({ visit });
    const inside = await clinic.join("patient", String(visit), "consultation");
    expect(await inside.message("visit.you")).toMatchObject({ role: "patient", admission: "admitted" });
    const doctor = await clinic.join("clinician", String(visit), "consultation");
    await doctor.state(({ participants }) => participants.patient?.online === true);
    expect(await doctor.ask("visit.start", { id: newId() })).toHaveProperty("seq");
    expect(await doctor.ask("visit.end", { id: newId(), outcome: "completed" })).toHaveProperty("seq");
    await staff.state(({ duty }) => duty.clinician?.status === "available");
    const last = await clinic.join("patient", queue, "waiting");
    const place = await last.message("queue.place");
    expect(place).toMatchObject({ status: "none", ended: { how: "admitted" } });
    expect(last.told.filter(({ name }) => name === "queue.admitted")).toEqual([]);
  });

  it("shows a patient nothing of anyone else", async () => {
    const queue = await openQueue();
    const { first, second } = await threeWaiting(queue);
    const own = String(await entryOf(second));
    await second.message("queue.place", ({ place }) => place === 2);
    const seen = JSON.stringify([second.room.state.toJSON(), second.told]);
    expect(await second.state(({ title }) => title === "Test")).toMatchObject({
      entries: {},
      staff: {},
      duty: {},
    });
    expect(seen).not.toContain(String(await entryOf(first)));
    expect(seen).toContain(own);
    for (const request of ["queue.call", "queue.admit", "queue.hold", "queue.noShow"]) {
      const entry = await entryOf(first);
      expect(await second.ask(request, { id: newId(), entry })).toMatchObject({ code: "forbidden" });
    }
    for (const request of ["queue.arrive", "queue.served", "queue.decline"]) {
      expect(await second.ask(request, { id: newId() })).toMatchObject({ code: "invalid_payload" });
    }
    const payload = { id: newId(), transfer: "t", from: { kind: "waiting", id: queue } };
    expect(await second.ask("queue.decline", payload)).toMatchObject({ code: "forbidden" });
  });

  it("has one place for a patient on two devices, and both are live", async () => {
    const queue = await openQueue();
    const phone = await clinic.join("patient", queue, "waiting");
    const tablet = await clinic.join("patient", queue, "waiting");
    await Promise.all([join(phone), join(tablet)]);
    expect(await entryOf(phone)).toBe(await entryOf(tablet));
    const staff = await clinic.join("clinician", queue, "waiting");
    const { entries } = await staff.state(({ entries }) => Object.keys(entries).length > 0);
    expect(Object.keys(entries)).toHaveLength(1);
    await staff.ask("queue.notify", { id: newId(), entry: await entryOf(phone), body: "Soon" });
    for (const device of [phone, tablet]) {
      expect(await device.message("queue.notice")).toMatchObject({ body: "Soon", personal: true });
    }
  });

  it("never puts a patient further back without saying why", async () => {
    const queue = await openQueue();
    const { first, second, third } = await threeWaiting(queue);
    const staff = await clinic.join("desk", queue, "waiting");
    const entry = await entryOf(third);
    await staff.ask("queue.prioritise", { id: newId(), entry, priority: "urgent", reason: "chest pain" });
    await third.message("queue.place", ({ place }) => place === 1);
    for (const [patient, place] of [
      [first, 2],
      [second, 3],
    ] as const) {
      const told = await patient.message("queue.place", (message) => message.place === place);
      const { setBack } = await patient.message(
        "queue.place",
        (message) => message.place === place && message.setBack !== undefined,
      );
      expect(setBack).toMatchObject({ why: "priority" });
      expect(JSON.stringify(told)).not.toContain("chest pain");
    }
    const before = await entryOf(first);
    const mine = await entryOf(second);
    await staff.ask("queue.move", { id: newId(), entry: mine, before, reason: "has to go home" });
    const moved = await first.message("queue.place", ({ place }) => place === 3);
    expect(moved.setBack).toMatchObject({ why: "moved" });
  });

  it("moves a patient to another queue, with the time they have waited", async () => {
    const [from, to] = [await openQueue(), await openQueue()];
    const patient = await clinic.join("patient", from, "waiting");
    await join(patient);
    const entry = await entryOf(patient);
    const there = await clinic.join("patient2", to, "waiting");
    await join(there);
    const staff = await clinic.join("clinician", from, "waiting");
    const target = await clinic.join("clinician", to, "waiting");
    const { entries } = await staff.state(({ entries }) => entries[entry] !== undefined);
    expect(await staff.ask("queue.transfer", { id: newId(), entry, to })).toHaveProperty("seq");
    const arrived = await target.state(({ entries }) => entries[entry] !== undefined);
    expect(arrived.entries[entry].waitingSince).toBe(entries[entry].waitingSince);
    const { ended } = await patient.message("queue.place", (place) => place.ended !== undefined);
    expect(ended).toMatchObject({ how: "transferred", to });
    // They have waited longer than whoever was there.
    const back = await there.message("queue.place", ({ place }) => place === 2);
    expect(back.setBack).toMatchObject({ why: "transfer" });
    const followed = await clinic.join("patient", to, "waiting");
    expect(await followed.message("queue.place")).toMatchObject({ entry, place: 1 });
  });

  it("returns a patient whom the other queue does not take", async () => {
    const [from, to] = [await openQueue(), await openQueue()];
    const patient = await clinic.join("patient", from, "waiting");
    await join(patient);
    const entry = await entryOf(patient);
    const staff = await clinic.join("clinician", from, "waiting");
    const target = await clinic.join("clinician", to, "waiting");
    await target.ask("queue.close", { id: newId() });
    await staff.ask("queue.transfer", { id: newId(), entry, to });
    await staff.state(({ entries }) => entries[entry]?.returned === "queue_closed");
    expect(await patient.message("queue.place", ({ status }) => status === "waiting")).toMatchObject({
      place: 1,
    });
    for (const nowhere of ["no-such-queue", from]) {
      const reply = await staff.ask("queue.transfer", { id: newId(), entry, to: nowhere });
      expect(reply).toMatchObject({ code: "queue_not_found" });
    }
  });

  it("gives an unanswered call back its place, and marks whoever is gone", async () => {
    const queue = await openQueue({ callSeconds: 5, graceSeconds: 1, awaySeconds: 1 });
    const patient = await clinic.join("patient", queue, "waiting");
    await join(patient);
    const entry = await entryOf(patient);
    const staff = await clinic.join("clinician", queue, "waiting");
    await staff.ask("queue.call", { id: newId(), entry });
    await staff.state(({ entries }) => entries[entry]?.status === "called");
    const back = await staff.state(({ entries }) => entries[entry]?.status === "waiting");
    expect(back.entries[entry].missed).toBe(1);
    await patient.room.leave();
    await staff.state(({ entries }) => entries[entry]?.online === false);
    await staff.state(({ entries }) => entries[entry]?.status === "away");
    expect(await staff.ask("queue.call", { id: newId(), entry })).toMatchObject({ code: "entry_away" });
    await staff.state(({ entries }) => entries[entry] === undefined);
    const returned = await clinic.join("patient", queue, "waiting");
    expect(await returned.message("queue.place")).toMatchObject({ ended: { how: "released" } });
  }, 30_000);

  it("lets nobody in while it is closed or paused, and keeps those who wait", async () => {
    const queue = await openQueue();
    const { first } = await threeWaiting(queue);
    const staff = await clinic.join("desk", queue, "waiting");
    await first.ask("queue.leave", { id: newId() });
    await staff.ask("queue.suspend", { id: newId(), notice: "Back at two" });
    expect(await join(first)).toMatchObject({ code: "queue_suspended", message: "Back at two" });
    await staff.ask("queue.close", { id: newId() });
    expect(await join(first)).toMatchObject({ code: "queue_closed" });
    expect(Object.keys((await staff.state(() => true)).entries)).toHaveLength(2);
    await staff.ask("queue.open", { id: newId() });
    expect(await join(first)).toHaveProperty("seq");
  });
});

describe("staff who press the same button", () => {
  it("one admits, the others are told who and when", async () => {
    const rounds = 1_000;
    const queue = await openQueue();
    const patient = await clinic.join("patient", queue, "waiting");
    const names = ["clinician", "clinician2", "desk", "admin"];
    const staff = await Promise.all([...names, ...names].map((name) => clinic.join(name, queue, "waiting")));
    await staff[0]?.ask("queue.duty", { id: newId(), status: "available" });
    for (let round = 0; round < rounds; round += 1) {
      const joined = await join(patient);
      expect(joined).toHaveProperty("seq");
      const { entry } = await patient.message("queue.place", ({ entry, seq }) => {
        return entry !== null && Number(seq) >= Number(joined.seq);
      });
      const replies = await Promise.all(
        staff.map((one) => one.ask("queue.admit", { id: newId(), entry, clinician: "clinician" })),
      );
      expect(replies.filter(({ seq }) => seq !== undefined)).toHaveLength(1);
      const winner = replies.findIndex(({ seq }) => seq !== undefined);
      for (const reply of replies.filter(({ seq }) => seq === undefined)) {
        expect(["entry_taken", "entry_gone"]).toContain(reply.code);
        expect(reply.first).toMatchObject({ person: names[winner % names.length] });
        expect(reply.first).toHaveProperty("at", expect.any(Number));
      }
      const { visit } = await patient.message("queue.admitted", ({ at }) => Number(at) >= Number(joined.at));
      await use(String(visit));
      patient.told.length = 0;
    }
  }, 600_000);

  /** The visit ends, so that the patient may queue again. */
  async function use(visit: string): Promise<void> {
    const token = await clinic.token("clinician");
    const path = `/v1/rooms/consultation/${visit}/commands`;
    const ended = { name: "visit.end", payload: { id: newId(), outcome: "completed" } };
    expect(await clinic.rest("POST", path, token, ended)).toMatchObject({ status: 200 });
  }
});
