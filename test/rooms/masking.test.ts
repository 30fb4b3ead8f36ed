import { Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mapOf } from "../../core/domain/lib/ordered-map.ts";
import { type Entry, initialQueue } from "../../core/domain/queue/state.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { queueGuards } from "../../rooms/waiting/queue-guards.ts";
import { type Clinic, type Member, newId, openClinic } from "./clinic.ts";

const given = {
  identity: "山田花子 1985-04-01 記号12-345678",
  location: "東京都千代田区丸の内1-9-1 705号室",
  emergencyContact: "母 山田春子 090-1234-5678 haruko@example.org",
};
/** Nothing of these may be seen unasked. None is a number alone: times and ports have every number in them. */
const secrets = ["千代田", "705号", "春子", "1234-5678", "haruko", "1985-04", "12-345678"];
const spoken = ["いつから痛みますか", "昨日の夜からです", "胃薬を出します"];
const lines: string[] = [];
let clinic: Clinic;
let queue: string;
let staff: Member;
let entry: string;
let visit: string;

beforeAll(async () => {
  const destination = new Writable({
    write: (chunk, _, done) => {
      lines.push(...String(chunk).split("\n").filter(Boolean));
      done();
    },
  });
  const log = createLogger({ level: "trace", destination });
  clinic = await openClinic({ COMMANDS_PER_SECOND: "10000", MEDIA_ORDER: "peer" }, { log });
  const { body } = await clinic.rest("POST", "/v1/queues", await clinic.token("admin"), {
    settings: { title: "内科", asks: ["identity", "location", "emergencyContact"] },
    staff: ["clinician", "desk"],
  });
  queue = String(body.id);
  staff = await clinic.join("desk", queue, "waiting");
});
afterAll(() => clinic.close());

const unmask = (member: Member, reason: string, fields: readonly string[] = Object.keys(given)) =>
  member.ask("queue.unmask", { entry, fields, reason });
const audit = async () => {
  const path = "/v1/audit?action=identifiers.unmask";
  const { body } = await clinic.rest("GET", path, await clinic.token("auditor"));
  return Array.isArray(body.items) ? body.items : [];
};

it("what a patient gives at check-in is masked for everyone who runs the queue, and the name is not", async () => {
  const patient = await clinic.join("patient", queue, "waiting");
  await patient.ask("queue.join", { id: newId(), reason: "腹痛" });
  expect(await patient.ask("queue.checkIn", { id: newId(), ...given })).toHaveProperty("seq");
  entry = String((await patient.message("queue.place", (place) => place.entry !== null)).entry);
  const { entries } = await staff.state((state) => state.entries[entry]?.ready === true);
  expect(entries[entry]).toMatchObject({ identity: "•••", location: "•••", emergencyContact: "•••78" });
  expect(entries[entry].name).toContain("花");
  for (const secret of secrets) expect(JSON.stringify([staff.room.state, staff.told])).not.toContain(secret);
});

it("is shown to who says why, and only once that is recorded", async () => {
  expect(await unmask(staff, "curiosity")).toMatchObject({ code: "invalid_payload" });
  expect(await audit()).toEqual([]);
  expect(await unmask(staff, "emergency", ["location"])).toEqual({ values: { location: given.location } });
  expect(await unmask(staff, "contact")).toEqual({ values: given });
  const recorded = await audit();
  expect(recorded).toMatchObject([
    { actor: "desk", subject: "patient", detail: { reason: "contact", fields: Object.keys(given) } },
    { actor: "desk", subject: "patient", detail: { reason: "emergency", fields: ["location"] } },
  ]);
  expect(recorded[0]).toMatchObject({ room: { kind: "waiting", id: queue } });
  for (const secret of secrets) expect(JSON.stringify(recorded)).not.toContain(secret);
  // The same by REST, over the same guard.
  const path = `/v1/rooms/waiting/${queue}/commands`;
  const asked = { name: "queue.unmask", payload: { entry, fields: ["location"], reason: "identity" } };
  const rest = await clinic.rest("POST", path, await clinic.token("clinician"), asked);
  expect(rest).toMatchObject({ status: 200, body: { values: { location: given.location } } });
});

it("is shown to nobody else, and nothing is shown where it cannot be recorded", async () => {
  const other = await clinic.join("patient2", queue, "waiting");
  expect(await unmask(other, "contact")).toEqual(expect.objectContaining({ code: "forbidden" }));
  const before = (await audit()).length;
  for (const name of ["clinician2", "auditor", "operator", "patient"]) {
    const { status, body } = await clinic.rest(
      "POST",
      `/v1/rooms/waiting/${queue}/commands`,
      await clinic.token(name),
      { name: "queue.unmask", payload: { entry, fields: ["location"], reason: "contact" } },
    );
    expect([name, status < 400, JSON.stringify(body).includes("千代田")]).toEqual([name, false, false]);
  }
  expect((await audit()).length).toBe(before);
  const guards = queueGuards({
    staff: async () => new Map(),
    exists: async () => true,
    role: async () => null,
    now: () => 0,
    record: () => Promise.reject(new Error("the audit is away")),
  });
  const guard = guards["queue.unmask"];
  if (guard?.type !== "query") throw new Error("it is a question");
  const by = { org: "o", id: "desk", name: "D", roles: ["admin" as const], session: "s" };
  const held: Entry = {
    ...{ id: "e", patient: "p", name: "P", reason: "", language: null, needs: [], checkIn: given },
    ...{ priority: "normal", rank: "a", status: "waiting", joinedAt: 0, waitingSince: 0, offlineSince: null },
    ...{ awaySince: null, call: null, hold: null, leaving: null, missedAt: null, missed: 0 },
    ...{ longWait: false, notice: null, returned: null, visit: null },
  };
  const state = { ...initialQueue, entries: mapOf([["e", held]]) };
  const asked = { ref: { kind: "waiting" as const, id: "q" }, by, state, mac: () => Buffer.alloc(16) };
  const payload = { entry: "e", fields: ["location"], reason: "contact" };
  await expect(guard.ask(payload, asked)).rejects.toThrow("the audit is away");
});

it("the history shows it to nobody, and the patient's name not to the auditor", async () => {
  for (const [who, name] of [
    ["auditor", false],
    ["admin", true],
  ] as const) {
    const path = `/v1/rooms/waiting/${queue}/history?limit=100`;
    const { status, body } = await clinic.rest("GET", path, await clinic.token(who));
    const text = JSON.stringify(body);
    expect([who, status]).toEqual([who, 200]);
    expect(text).toContain("queue.checkedIn");
    expect([who, text.includes("Hana")]).toEqual([who, name]);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});

it("after a whole visit the log has no name, no contact and no word of it, at its most talkative", async () => {
  const patient = await clinic.join("patient", queue, "waiting");
  const doctor = await clinic.join("clinician", queue, "waiting");
  await doctor.state((state) => state.entries[entry]?.online === true);
  await doctor.ask("queue.call", { id: newId(), entry });
  await patient.message("queue.called");
  await patient.ask("queue.confirm", { id: newId() });
  await doctor.ask("queue.admit", { id: newId(), entry });
  visit = String((await patient.message("queue.admitted")).visit);
  const inside = await clinic.join("patient", visit, "consultation");
  const treating = await clinic.join("clinician", visit, "consultation");
  await treating.state(({ participants }) => participants.patient?.online === true);
  await treating.ask("visit.start", { id: newId() });
  await treating.say(spoken[0] ?? "");
  await inside.say(spoken[1] ?? "");
  await treating.ask("visit.note", { id: newId(), body: spoken[2], shared: false });
  expect(await treating.ask("visit.end", { id: newId(), outcome: "completed" })).toHaveProperty("seq");
  const people = await clinic.rest("GET", "/v1/people?q=Hana", await clinic.token("desk"));
  expect(JSON.stringify(people.body)).toContain("Hana");

  const log = lines.join("\n");
  expect(log).toContain('"route":"/v1/rooms/:kind/:id/commands"');
  expect(log).toContain("room awake here");
  const private_ = [...secrets, ...spoken, "Hana", "佐藤", "Lindqvist", "腹痛"];
  expect(private_.filter((text) => log.includes(text) || log.includes(encodeURIComponent(text)))).toEqual([]);
});
