import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import { type OtherClinic, openOtherClinic } from "./other-clinic.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const hours = { timeZone: "Asia/Tokyo", weekly: [{ day: 1, from: "09:00", to: "17:30" }] };
const info = { title: "General", opening: "open", nextHours: null, staff: true } as const;

describe("what the API asks of the rooms", () => {
  let api: ApiFixture;
  const tokens: Record<string, string> = {};
  const as = (who: string) => ({ token: tokens[who] ?? "" });

  beforeAll(async () => {
    api = await startApi();
    for (const who of ["admin", "desk", "clinician", "patient", "auditor", "operator"]) {
      tokens[who] = await api.token(who);
    }
    const expiresAt = api.clock.time + 3_600_000;
    const guest = { id: "mai", org: "demo-clinic", name: "Mai", expiresAt };
    tokens.guest = (await api.identity.guests.open(guest)).accessToken;
    for (const [id, org] of [
      ["general", "demo-clinic"],
      ["skin", "demo-clinic"],
      ["elsewhere", "other-clinic"],
    ] as const) {
      const room = await api.paper.room({ kind: "waiting", id }, org);
      const listing = { at: 0, owner: null, subject: null, status: "open" };
      await api.paper.journal.append([room.part([], { listing })]);
    }
  });
  beforeEach(() => {
    api.received.length = 0;
    api.answers.length = 0;
  });
  afterAll(() => api.close());

  test("the list is what each queue of my organisation says of itself to me", async () => {
    api.answers.push(info, { ...info, title: "Skin", opening: "closed", nextHours: 5, more: 1 });
    const { status, body } = await api.call("GET", "/v1/queues", as("clinician"));
    expect(status).toBe(200);
    expect(body.items).toEqual([
      { id: "general", ...info },
      { id: "skin", ...info, title: "Skin", opening: "closed", nextHours: 5 },
    ]);
    expect(api.received.map(({ ref, name, by }) => [ref.id, name, by.id])).toEqual([
      ["general", "queue.info", "clinician"],
      ["skin", "queue.info", "clinician"],
    ]);
  });

  test("queues that are closed to me are left out; one that cannot answer is not hidden", async () => {
    api.answers.push(new DomainError("forbidden"), info);
    const { body } = await api.call("GET", "/v1/queues", as("patient"));
    expect(body.items).toEqual([{ id: "skin", ...info }]);
    api.answers.push(info, new DomainError("busy"));
    expect((await api.call("GET", "/v1/queues", as("patient"))).body.code).toBe("busy");
  });

  test.each(["guest", "auditor", "operator"])("%s sees no queues", async (who) => {
    expect((await api.call("GET", "/v1/queues", as(who))).body.code).toBe("forbidden");
    expect(api.received).toEqual([]);
  });

  test("a new queue: settings and staff as given, an id where none was", async () => {
    const body = { settings: { title: "Eyes", hours }, staff: ["clinician"] };
    const made = await api.call("POST", "/v1/queues", { ...as("desk"), body });
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe(`/v1/queues/${made.body.id}`);
    await api.call("POST", "/v1/queues", { ...as("desk"), body: { ...body, id: "request-1" } });
    expect(api.received.map(({ name, payload }) => [name, payload])).toEqual([
      ["queue.create", { ...body, id: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
      ["queue.create", { ...body, id: "request-1" }],
    ]);
  });

  test.each(["patient", "clinician", "auditor", "guest"])("%s makes none", async (who) => {
    const body = { settings: { title: "Eyes" }, staff: [] };
    expect((await api.call("POST", "/v1/queues", { ...as(who), body })).body.code).toBe("forbidden");
    expect(api.received).toEqual([]);
  });

  test.each<[string, string, unknown, string, unknown]>([
    ["PATCH", "", { id: "request-1", settings: { title: "Eyes" } }, "queue.configure", { title: "Eyes" }],
    ["PUT", "/hours", { id: "request-1", hours }, "queue.configure", { hours }],
    ["PUT", "/hours", { id: "request-1", hours: null }, "queue.configure", { hours: null }],
  ])("%s /v1/queues/:id%s changes the settings", async (method, path, body, name, settings) => {
    const { status } = await api.call(method, `/v1/queues/general${path}`, { ...as("admin"), body });
    expect(status).toBe(200);
    const ref = { kind: "waiting", id: "general" };
    expect(api.received).toMatchObject([{ ref, name, payload: { id: "request-1", settings } }]);
  });

  test("staff come and go", async () => {
    await api.call("PUT", "/v1/queues/general/staff/desk", { ...as("admin"), body: { id: "request-1" } });
    await api.call("PUT", "/v1/queues/general/staff/desk", as("admin"));
    await api.call("DELETE", "/v1/queues/general/staff/desk?id=request-2", as("admin"));
    expect(api.received.map(({ name, payload }) => [name, payload])).toEqual([
      ["queue.staff", { id: "request-1", person: "desk", on: true }],
      ["queue.staff", { id: expect.any(String), person: "desk", on: true }],
      ["queue.staff", { id: "request-2", person: "desk", on: false }],
    ]);
  });

  test.each<[string, string, unknown]>([
    ["POST", "/v1/queues", {}],
    ["POST", "/v1/queues", { settings: {}, staff: [] }],
    ["POST", "/v1/queues", { settings: { title: " " }, staff: [] }],
    ["POST", "/v1/queues", { settings: { title: "Eyes" }, staff: ["Not An Id"] }],
    ["POST", "/v1/queues", { settings: { title: "Eyes", callSeconds: 1 }, staff: [] }],
    ["POST", "/v1/queues", { settings: { title: "Eyes", colour: "red" }, staff: [] }],
    ["POST", "/v1/queues", { id: "short", settings: { title: "Eyes" }, staff: [] }],
    ["PATCH", "/v1/queues/general", { title: "Eyes" }],
    ["PATCH", "/v1/queues/GENERAL", { settings: {} }],
    ["PUT", "/v1/queues/general/hours", {}],
    ["PUT", "/v1/queues/general/hours", { hours: { timeZone: "Asia/Tokyo" } }],
    [
      "PUT",
      "/v1/queues/general/hours",
      { hours: { ...hours, weekly: [{ day: 7, from: "09:00", to: "10:00" }] } },
    ],
    [
      "PUT",
      "/v1/queues/general/hours",
      { hours: { ...hours, weekly: [{ day: 1, from: "9", to: "10:00" }] } },
    ],
    ["PUT", "/v1/queues/general/staff/desk", { on: true }],
    ["DELETE", "/v1/queues/general/staff/desk?id=short", undefined],
  ])("%s %s with %j is not of the form", async (method, path, body) => {
    const call = body === undefined ? as("admin") : { ...as("admin"), body };
    expect((await api.call(method, path, call)).body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });

  test("who was faster comes with the refusal", async () => {
    const first = { person: "clinician2", name: "Dr. Kaito Mori", at: 1_700_000_000_000 };
    api.answers.push(new DomainError("entry_taken", undefined, { first }));
    const body = { name: "queue.call", payload: { id: "request-1", entry: "e1" } };
    const answer = await api.call("POST", "/v1/rooms/waiting/general/commands", { ...as("clinician"), body });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: "entry_taken", first });
  });
});

describe("on a real server", () => {
  let clinic: Clinic;
  let other: OtherClinic;
  let queue: string;
  const made = { id: "make-eyes", settings: { title: "Eyes" }, staff: ["clinician", "desk"] };

  const call = async (who: string, method: string, path: string, body?: unknown) =>
    clinic.rest(method, path, await clinic.token(who), body);
  const command = async (who: string, name: string, payload: object) =>
    (await call(who, "POST", `/v1/rooms/waiting/${queue}/commands`, { name, payload })).body;
  const seen = async (who: string, id = queue) => {
    const { body } = await call(who, "GET", "/v1/queues");
    const items = Array.isArray(body.items) ? body.items : [];
    return items.find((each: { id: string }) => each.id === id);
  };

  beforeAll(async () => {
    other = await openOtherClinic();
    clinic = await openClinic(other.settings);
    queue = String((await call("admin", "POST", "/v1/queues", made)).body.id);
  });
  afterAll(async () => {
    await clinic.close();
    await other.close();
  });

  test("the same request makes the same queue; another under its id is refused", async () => {
    const again = await call("admin", "POST", "/v1/queues", made);
    expect(again.status).toBe(201);
    expect(again.body.id).toBe(queue);
    const different = { ...made, settings: { title: "Ears" } };
    expect((await call("admin", "POST", "/v1/queues", different)).body.code).toBe("command_conflict");
    const somebody = { ...made, id: "make-other", staff: ["nobody"] };
    expect((await call("admin", "POST", "/v1/queues", somebody)).body.code).toBe("person_not_found");
  });

  test("everyone sees it, and whether they run it", async () => {
    const shown = { id: queue, title: "Eyes", opening: "open", nextHours: null };
    for (const who of ["clinician", "desk", "admin"])
      expect(await seen(who)).toEqual({ ...shown, staff: true });
    for (const who of ["patient", "clinician2"]) expect(await seen(who)).toEqual({ ...shown, staff: false });
  });

  test("its staff change", async () => {
    const path = `/v1/queues/${queue}/staff/clinician2`;
    expect((await call("clinician2", "PUT", path, {})).body.code).toBe("forbidden");
    const first = await call("desk", "PUT", path, { id: "add-somebody" });
    expect(await call("desk", "PUT", path, { id: "add-somebody" })).toEqual(first);
    expect(await seen("clinician2")).toMatchObject({ staff: true });
    await call("desk", "DELETE", path);
    expect(await seen("clinician2")).toMatchObject({ staff: false });
    const nobody = await call("desk", "PUT", `/v1/queues/${queue}/staff/nobody`, {});
    expect(nobody.body.code).toBe("person_not_found");
  });

  test("its settings and hours change", async () => {
    await call("admin", "PATCH", `/v1/queues/${queue}`, { settings: { title: "Eyes and ears" } });
    expect(await seen("patient")).toMatchObject({ title: "Eyes and ears", opening: "open" });
    const never = { timeZone: "Asia/Tokyo", weekly: [] };
    await call("admin", "PUT", `/v1/queues/${queue}/hours`, { hours: never });
    expect(await seen("patient")).toMatchObject({ title: "Eyes and ears", opening: "closed" });
    expect((await command("patient", "queue.join", { id: "join-early", reason: "" })).code).toBe(
      "queue_closed",
    );
    await call("admin", "PUT", `/v1/queues/${queue}/hours`, { hours: null });
    await command("desk", "queue.open", { id: "open-again" });
    expect(await seen("patient")).toMatchObject({ opening: "open" });
    const moon = { hours: { timeZone: "Moon/Base", weekly: [] } };
    const refused = await call("admin", "PUT", `/v1/queues/${queue}/hours`, moon);
    expect([refused.status, refused.body.code]).toEqual([422, "hours_invalid"]);
  });

  test("a patient waits and is called, all by REST; the slower colleague is told who was first", async () => {
    const joined = await command("patient", "queue.join", { id: "join-patient", reason: "red eye" });
    expect(joined).toEqual({ seq: expect.any(Number), at: expect.any(Number) });
    expect(await command("patient", "queue.join", { id: "join-patient", reason: "red eye" })).toEqual(joined);
    const { body } = await call("clinician", "GET", `/v1/queues/${queue}/metrics`);
    expect(body).toMatchObject({ waitingNow: 1, joined: 1, admitted: 0, abandonment: null });

    const past = await call("admin", "GET", `/v1/rooms/waiting/${queue}/history`);
    expect(past.body.state).toMatchObject({ entries: [{ patient: "patient", status: "waiting" }] });
    const [entry] = JSON.parse(JSON.stringify(past.body.state)).entries;
    expect(await command("clinician", "queue.call", { id: "call-first", entry: entry.id })).toHaveProperty(
      "seq",
    );
    const late = await command("admin", "queue.call", { id: "call-late", entry: entry.id });
    expect(late).toMatchObject({ code: "entry_taken", first: { person: "clinician" } });
    expect(await command("patient", "queue.leave", { id: "leave-patient" })).toHaveProperty("seq");
  });

  test.each([
    ["patient", "queue.call", { id: "try-number-1", entry: "e1" }],
    ["patient", "queue.close", { id: "try-number-1" }],
    ["patient", "queue.metrics", {}],
    ["clinician2", "queue.call", { id: "try-number-1", entry: "e1" }],
    ["clinician", "queue.configure", { id: "try-number-1", settings: {} }],
    ["clinician", "queue.join", { id: "try-number-1", reason: "" }],
    ["auditor", "queue.info", {}],
    [
      "admin",
      "queue.used",
      {
        id: "try-number-1",
        from: { kind: "waiting", id: "q1" },
        transfer: "t1",
        patient: "patient",
        visit: "v1",
      },
    ],
    ["admin", "queue.decline", { id: "try-number-1", from: { kind: "waiting", id: "q1" }, transfer: "t1" }],
  ])("%s may not %s", async (who, name, payload) => {
    expect((await command(who, name, payload)).code).toBe("forbidden");
  });

  test("people of another organisation find nothing here", async () => {
    const token = await other.token("admin", "desk", "patient");
    expect((await clinic.rest("GET", "/v1/queues", token)).body).toEqual({ items: [] });
    const path = `/v1/queues/${queue}`;
    for (const [method, where, body] of [
      ["PATCH", path, { settings: { title: "Mine" } }],
      ["PUT", `${path}/hours`, { hours: null }],
      ["PUT", `${path}/staff/desk`, {}],
      ["DELETE", `${path}/staff/desk`],
      ["GET", `${path}/metrics`],
      [
        "POST",
        `/v1/rooms/waiting/${queue}/commands`,
        { name: "queue.join", payload: { id: "join-other", reason: "" } },
      ],
      ["GET", `/v1/rooms/waiting/${queue}/history`],
    ] as const) {
      const { status, body: answer } = await clinic.rest(method, where, token, body);
      expect([method, where, status, answer.code]).toEqual([method, where, 404, "room_not_found"]);
    }
    expect(await seen("admin")).toMatchObject({ title: "Eyes and ears" });
  });

  test("a queue that does not exist", async () => {
    const { body } = await call("admin", "PATCH", "/v1/queues/nowhere", { settings: {} });
    expect(body.code).toBe("room_not_found");
    expect((await call("admin", "GET", "/v1/queues/nowhere/metrics")).body.code).toBe("room_not_found");
  });
});
