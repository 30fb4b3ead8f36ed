import { afterAll, beforeAll, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
const reason = "unconscious in the corridor, allergies unknown";
const minute = 60_000;

beforeAll(async () => {
  api = await startApi();
  api.rooms.set("chat:ward", sampleRoom(3));
  const event = { at: 1, by: "clinician", event: { type: "chat.opened" } };
  for (const [kind, id, org] of [
    ["chat", "ward", "demo-clinic"],
    ["consultation", "case", "demo-clinic"],
    ["chat", "theirs", "other"],
  ] as const) {
    const room = await api.paper.room({ kind, id }, org);
    const members = [{ person: "patient", role: "member" }];
    const listing = { at: 1, owner: "clinician", subject: "patient", status: "open" };
    await api.paper.journal.append([room.part([event], { members, listing })]);
  }
}, 60_000);
afterAll(() => api.close());

const messages = async (who: string) =>
  api.call("GET", "/v1/rooms/chat/ward/messages", { token: await api.token(who) });
const open = async (who: string, body: object = {}) =>
  api.call("POST", "/v1/break-glass", {
    token: await api.token(who),
    body: { kind: "chat", id: "ward", reason, ...body },
  });
const entries = async (action: string) =>
  (await api.audit.list({ org: "demo-clinic", limit: 200 })).filter((entry) => entry.action === action);

test("who has no part in a chat reads it after breaking the glass, until the time is over, and writes nothing", async () => {
  expect((await messages("clinician2")).body.code).toBe("room_not_found");
  const opened = await open("clinician2");
  expect([opened.status, opened.body]).toEqual([
    201,
    {
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      ...{ kind: "chat", room: "ward", openedAt: api.clock.time, expiresAt: api.clock.time + 60 * minute },
    },
  ]);
  const read = await messages("clinician2");
  expect([read.status, read.body.items.length]).toEqual([200, 3]);
  // Versions of messages are for members; and nobody else reads because of it.
  const token = await api.token("clinician2");
  const versions = await api.call("GET", "/v1/rooms/chat/ward/messages/2/versions", { token });
  expect(versions.body.code).toBe("room_not_found");
  expect((await messages("admin")).body.code).toBe("room_not_found");
  expect((await messages("desk")).body.code).toBe("room_not_found");

  api.clock.time += 59 * minute;
  expect((await messages("clinician2")).status).toBe(200);
  api.clock.time += minute;
  expect((await messages("clinician2")).body.code).toBe("room_not_found");
});

test("clinicians and administrators may, of their own organisation, with a reason", async () => {
  for (const who of ["patient", "desk", "operator", "auditor"]) {
    expect((await open(who)).body.code).toBe("forbidden");
  }
  for (const id of ["theirs", "nowhere"]) {
    expect((await open("clinician2", { id })).body.code).toBe("room_not_found");
  }
  for (const wrong of [
    { reason: "curious" },
    { reason: " ".repeat(30) },
    { minutes: 1_000 },
    { kind: "waiting" },
  ]) {
    expect((await open("clinician2", wrong)).body.code).toBe("invalid_payload");
  }
});

test("it is recorded for everyone in the room, and every read under it; where it cannot be, nothing is opened", async () => {
  const [first] = (await entries("breakGlass.open")).toReversed();
  expect(first).toMatchObject({
    ...{ actor: "clinician2", subject: "patient", room: { kind: "chat", id: "ward" } },
    detail: { purpose: "emergency", breakGlass: expect.any(String), minutes: 60 },
  });
  expect((await entries("breakGlass.read")).map(({ actor, detail }) => [actor, detail])).toEqual([
    ["clinician2", { purpose: "emergency", breakGlass: first?.detail.breakGlass, read: "chat.resume" }],
    ["clinician2", { purpose: "emergency", breakGlass: first?.detail.breakGlass, read: "chat.resume" }],
  ]);
  // Its members are nobody's emergency.
  expect((await messages("clinician")).status).toBe(200);
  const reads = await entries("messages.read");
  const purposes = (who: string) =>
    reads.flatMap(({ actor, detail }) => (actor === who ? detail.purpose : []));
  expect(new Set(purposes("clinician2"))).toEqual(new Set(["emergency"]));
  expect(purposes("clinician")).toContain("treatment");
  expect(purposes("clinician")).not.toContain("emergency");
  api.faults.audit = new Error("disk full");
  expect((await open("admin")).status).toBe(503);
  api.faults.audit = null;
  expect((await messages("admin")).body.code).toBe("room_not_found");
});

test("administrators and auditors list who, what and why; the log and the metrics say that it was, and no more", async () => {
  api.clock.time += minute;
  await open("admin", { kind: "consultation", id: "case", minutes: 5 });
  const list = async (who: string, query = "") =>
    api.call("GET", `/v1/break-glass${query}`, { token: await api.token(who) });
  for (const who of ["patient", "clinician2", "desk", "operator"]) {
    expect((await list(who)).body.code).toBe("forbidden");
  }
  const { body } = await list("auditor", "?limit=1");
  expect(body.items).toMatchObject([
    { kind: "consultation", room: "case", person: { id: "admin", name: "Priya Raman" }, reason },
  ]);
  const rest = await list("admin", `?limit=1&after=${body.next}`);
  expect(rest.body).toMatchObject({
    items: [{ room: "ward", person: { id: "clinician2" }, reason }],
    next: null,
  });
  const said = api.log.filter(({ breakGlass }) => breakGlass !== undefined);
  expect(said.map(({ level, kind }) => [level, kind])).toEqual([
    [40, "chat"],
    [40, "consultation"],
  ]);
  expect(JSON.stringify(api.log)).not.toMatch(/corridor|clinician2|"ward"/);
  const metrics = await api.call("GET", "/metrics", { token: await api.token("operator") });
  expect(metrics.text).toContain("hugmedo_break_glass_total 2");
});

test("a visit that refuses somebody is asked by the engine in their place, while the glass is broken", async () => {
  const token = await api.token("clinician2");
  const asked = async () => {
    const before = api.received.length;
    api.answers.push(new DomainError("room_not_found"), { items: [] });
    const answer = await api.call("GET", "/v1/visits/case/recordings", { token });
    api.answers.splice(0);
    return { answer, by: api.received.slice(before).map(({ by, name }) => [by.id, name]) };
  };
  const without = await asked();
  expect([without.answer.body.code, without.by]).toEqual([
    "room_not_found",
    [["clinician2", "recording.list"]],
  ]);
  await open("clinician2", { kind: "consultation", id: "case" });
  const within = await asked();
  expect([within.answer.status, within.by]).toEqual([
    200,
    [
      ["clinician2", "recording.list"],
      ["system", "recording.list"],
    ],
  ]);
  const history = await api.call("GET", "/v1/rooms/consultation/case/history", { token });
  expect(history.status).toBe(200);
  expect((await api.call("GET", "/v1/rooms/chat/ward/history", { token })).body.code).toBe("forbidden");
  // Nothing but reading: what changes a visit is asked in one's own name.
  api.answers.push(new DomainError("forbidden"));
  const body = { name: "visit.end", payload: {} };
  const command = await api.call("POST", "/v1/rooms/consultation/case/commands", { token, body });
  expect(command.body.code).toBe("forbidden");
});
