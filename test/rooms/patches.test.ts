import { CloseCode } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

let clinic: Clinic;
beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

async function openQueue(): Promise<string> {
  const { body } = await clinic.rest("POST", "/v1/queues", await clinic.token("admin"), {
    settings: { title: "Test" },
    staff: ["clinician", "desk"],
  });
  return String(body.id);
}

/** Takes a place; returns its entry. */
async function wait(patient: Member): Promise<string> {
  await patient.ask("queue.join", { id: newId(), reason: "Cough" });
  return String((await patient.message("queue.place", ({ entry }) => entry !== null)).entry);
}

/** The connection breaks, and the Colyseus SDK has it back before anyone is told. */
async function breakAndReconnect({ room }: Member): Promise<void> {
  room.reconnection.enabled = true;
  room.reconnection.minUptime = 0;
  const back = new Promise<void>((resolve) => room.onReconnect.once(() => resolve()));
  room.connection.close(CloseCode.MAY_TRY_RECONNECT);
  await back;
  room.reconnection.enabled = false;
}

describe("patches of a room in which not everyone sees everything", () => {
  it("go to those alone who see what changed", async () => {
    const queue = await openQueue();
    const staff = await clinic.join("desk", queue, "waiting");
    const patient = await clinic.join("patient", queue, "waiting");
    const other = await clinic.join("patient2", queue, "waiting");
    await other.state(({ title }) => title === "Test");
    const received: string[] = [];
    other.room.onStateChange(({ opening }) => received.push(String(opening)));

    const entry = await wait(patient);
    await staff.ask("queue.call", { id: newId(), entry });
    await staff.state(({ entries }) => entries[entry]?.status === "called");
    await staff.ask("queue.suspend", { id: newId(), notice: "Back at two" });
    await other.state(({ opening }) => opening === "suspended");
    expect(received).toEqual(["suspended"]);
  });

  it("reach whoever had lost the connection", async () => {
    const queue = await openQueue();
    const patient = await clinic.join("patient", queue, "waiting");
    const entry = await wait(patient);
    const staff = await clinic.join("clinician", queue, "waiting");
    const desk = await clinic.join("desk", queue, "waiting");
    await staff.state(({ entries }) => entries[entry]?.status === "waiting");
    await breakAndReconnect(staff);
    expect(await desk.ask("queue.hold", { id: newId(), entry })).toHaveProperty("seq");
    await staff.state(({ entries }) => entries[entry]?.status === "held");
  });
});

it("shows a queue in full that outgrows its buffer, to staff and patients, whoever comes when", async () => {
  const queue = await openQueue();
  const desk = await clinic.join("desk", queue, "waiting");
  const patient = await clinic.join("patient", queue, "waiting");
  const entry = await wait(patient);
  const bodies = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(1_000));
  for (const body of bodies) await desk.ask("queue.notify", { id: newId(), body });
  for (const person of ["clinician", "patient2", "admin"]) {
    const late = await clinic.join(person, queue, "waiting");
    const { title, notices, entries } = await late.state(({ notices }) => notices?.length === 5);
    expect(title, person).toBe("Test");
    expect(
      notices.map(({ body }: { body: string }) => body),
      person,
    ).toEqual(bodies);
    expect(Object.keys(entries), person).toEqual(person === "patient2" ? [] : [entry]);
  }
});

it("notes that a patient has gone for good after their connection had broken and come back", async () => {
  const queue = await openQueue();
  const staff = await clinic.join("desk", queue, "waiting");
  const patient = await clinic.join("patient", queue, "waiting");
  const entry = await wait(patient);
  await breakAndReconnect(patient);
  await patient.room.leave();
  await staff.state(({ entries }) => entries[entry]?.online === false);
});
