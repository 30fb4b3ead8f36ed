import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import { type OtherClinic, openOtherClinic } from "./other-clinic.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const hour = 3_600_000;
const morning = Date.UTC(2027, 0, 4, 9);

describe("what the API asks of the rooms, and lists", () => {
  let api: ApiFixture;
  const tokens: Record<string, string> = {};
  const as = (who: string) => ({ token: tokens[who] ?? "" });
  const list = async (who: string, query = "") => (await api.call("GET", `/v1/visits${query}`, as(who))).body;
  const ids = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

  /** A visit in the index of rooms; `guests` take part in it too. */
  const index = async (
    id: string,
    at: number,
    patient: string,
    clinician: string | null,
    guests: Readonly<Record<string, string>> = {},
    org = "demo-clinic",
  ) => {
    const room = await api.paper.room({ kind: "consultation", id }, org);
    const listing = { at, owner: clinician, subject: patient, status: "scheduled" };
    const members = Object.entries(guests).map(([person, role]) => ({ person, role }));
    await api.paper.journal.append([room.part([], { listing, members })]);
  };
  const guest = async (id: string) => {
    const expiresAt = api.clock.time + hour;
    const { accessToken } = await api.identity.guests.open({ id, org: "demo-clinic", name: id, expiresAt });
    tokens[id] = accessToken;
  };

  beforeAll(async () => {
    api = await startApi();
    for (const who of ["desk", "clinician", "patient", "patient2", "auditor", "operator"]) {
      tokens[who] = await api.token(who);
    }
    for (const who of ["inside", "at-door", "lost"]) await guest(who);
    await index("v1", morning, "patient", "clinician", { inside: "interpreter", "at-door": "door" });
    await index("v2", morning, "patient2", "clinician2");
    await index("v3", morning + hour, "patient", null);
    await index("v4", morning + 2 * hour, "stranger", "clinician");
    await index("elsewhere", morning, "patient", "clinician", {}, "other-clinic");
  });
  beforeEach(() => {
    api.received.length = 0;
  });
  afterAll(() => api.close());

  test("staff see the organisation's, in the order of time, with names", async () => {
    const { items, next } = await list("desk");
    expect(next).toBeNull();
    expect(items.map(({ id }: { id: string }) => id)).toEqual(["v1", "v2", "v3", "v4"]);
    expect(items[0]).toEqual({
      id: "v1",
      at: morning,
      phase: "scheduled",
      patient: { id: "patient", name: "佐藤 花 (Hana Sato)" },
      clinician: { id: "clinician", name: "Dr. Emma Lindqvist" },
    });
    expect(items[2]).toMatchObject({ clinician: null });
    // Somebody who signs in elsewhere and is in no directory of ours.
    expect(items[3]).toMatchObject({ patient: { id: "stranger", name: "stranger" } });
  });

  test("of a day, of a clinician, of a patient", async () => {
    expect(ids(await list("desk", `?from=${morning}&to=${morning + 1}`))).toEqual(["v1", "v2"]);
    expect(ids(await list("clinician", "?clinician=clinician"))).toEqual(["v1", "v4"]);
    expect(ids(await list("clinician", `?patient=patient&from=${morning + 1}`))).toEqual(["v3"]);
  });

  test("pages join without gaps or repeats", async () => {
    const first = await list("desk", "?limit=1");
    const second = await list("desk", `?limit=2&after=${first.next}`);
    const third = await list("desk", `?limit=2&after=${second.next}`);
    expect([first, second, third].flatMap(ids)).toEqual(["v1", "v2", "v3", "v4"]);
    expect(third.next).toBeNull();
  });

  test("patients see their own, and may not ask for another's", async () => {
    expect(ids(await list("patient"))).toEqual(["v1", "v3"]);
    expect(ids(await list("patient", "?patient=patient&clinician=clinician"))).toEqual(["v1"]);
    expect(ids(await list("patient2"))).toEqual(["v2"]);
    expect((await list("patient2", "?patient=patient")).code).toBe("forbidden");
  });

  test("guests see the visit that they were let into, and not from its door", async () => {
    expect(ids(await list("inside"))).toEqual(["v1"]);
    expect(ids(await list("inside", `?from=${morning + 1}`))).toEqual([]);
    expect(ids(await list("inside", `?to=${morning}`))).toEqual([]);
    expect(ids(await list("inside", "?clinician=clinician2"))).toEqual([]);
    expect((await list("inside", "?patient=patient")).code).toBe("forbidden");
    expect(await list("at-door")).toEqual({ items: [], next: null });
    expect(await list("lost")).toEqual({ items: [], next: null });
  });

  test.each(["auditor", "operator"])("%s sees none", async (who) => {
    expect((await list(who)).code).toBe("forbidden");
  });

  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  test.each([
    "from=-1",
    "to=1.5",
    "from=99999999999999999",
    "clinician=NOBODY",
    "patient=%00",
    "limit=0",
    "after=nonsense",
    `after=${cursor({ at: 1, id: "a\u0000" })}`,
    `after=${cursor({ at: 1e300, id: "a" })}`,
  ])("?%s is not of the form", async (query) => {
    expect((await list("desk", `?${query}`)).code).toBe("invalid_payload");
  });

  test("a visit is made under the patient's key", async () => {
    const body = { id: "request-1", patient: "patient", clinician: "clinician", at: morning };
    const { status, headers, body: made } = await api.call("POST", "/v1/visits", { ...as("desk"), body });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/visits/${made.id}`);
    const payload = { ...body, minutes: 30, reason: "" };
    expect(api.received).toMatchObject([{ name: "visit.create", subject: "patient", payload }]);
  });

  test.each(["patient", "inside", "auditor"])("%s makes none", async (who) => {
    const body = { patient: "patient" };
    expect((await api.call("POST", "/v1/visits", { ...as(who), body })).body.code).toBe("forbidden");
    expect(api.received).toEqual([]);
  });

  test.each<[string, string, unknown]>([
    ["POST", "/v1/visits", {}],
    ["POST", "/v1/visits", { patient: "Patient" }],
    ["POST", "/v1/visits", { patient: "patient", at: "tomorrow" }],
    ["POST", "/v1/visits", { patient: "patient", minutes: 0 }],
    ["POST", "/v1/visits", { patient: "patient", room: "v1" }],
    ["POST", "/v1/visits/v1/reschedule", { at: morning }],
    ["POST", "/v1/visits/v1/reschedule", { at: -1, minutes: 5 }],
    ["POST", "/v1/visits/v1/cancel", { reason: "a\u0000" }],
    ["POST", "/v1/visits/V1/cancel", {}],
    ["POST", "/v1/visits/v1/invitations", { role: "patient" }],
    ["POST", "/v1/visits/v1/invitations", { role: "family", expiresInSeconds: 5 }],
    ["DELETE", "/v1/visits/v1/invitations/nonsense", undefined],
    ["GET", "/v1/visits/V1", undefined],
  ])("%s %s with %j is not of the form", async (method, path, body) => {
    const call = body === undefined ? as("desk") : { ...as("desk"), body };
    expect((await api.call(method, path, call)).body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });
});

describe("on a real server", () => {
  let clinic: Clinic;
  let other: OtherClinic;
  let visit: string;
  const made = {
    id: "make-visit",
    patient: "patient",
    clinician: "clinician",
    at: morning,
    reason: "follow-up",
  };

  const call = async (who: string, method: string, path: string, body?: unknown) =>
    clinic.rest(method, path, await clinic.token(who), body);
  const command = async (who: string, name: string, payload: object) =>
    (await call(who, "POST", `/v1/rooms/consultation/${visit}/commands`, { name, payload })).body;
  const schedule = async (id: string) => {
    const body = { ...made, id };
    return String((await call("desk", "POST", "/v1/visits", body)).body.id);
  };

  beforeAll(async () => {
    other = await openOtherClinic();
    clinic = await openClinic(other.settings);
    visit = await schedule(made.id);
  });
  afterAll(async () => {
    await clinic.close();
    await other.close();
  });

  test("the same request makes the same visit; another under its id is refused", async () => {
    expect(await schedule(made.id)).toBe(visit);
    const later = await call("desk", "POST", "/v1/visits", { ...made, at: morning + 1 });
    expect(later.body.code).toBe("command_conflict");
    const nobody = await call("desk", "POST", "/v1/visits", { patient: "nobody" });
    expect([nobody.status, nobody.body.code]).toEqual([422, "person_not_found"]);
  });

  test("its summary is for those in it and for the desk", async () => {
    for (const who of ["patient", "clinician", "desk", "admin"]) {
      const { status, body } = await call(who, "GET", `/v1/visits/${visit}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        phase: "scheduled",
        reason: "follow-up",
        schedule: { at: morning, minutes: 30 },
        clinician: { person: "clinician", name: "Dr. Emma Lindqvist" },
      });
    }
    for (const who of ["patient2", "clinician2"]) {
      expect((await call(who, "GET", `/v1/visits/${visit}`)).body.code).toBe("room_not_found");
    }
    expect((await call("desk", "GET", "/v1/visits/nowhere")).body.code).toBe("room_not_found");
  });

  test("it is given another time, once", async () => {
    const moved = { id: "move-visit", at: morning + hour, minutes: 20 };
    const path = `/v1/visits/${visit}/reschedule`;
    expect((await call("patient", "POST", path, moved)).body.code).toBe("forbidden");
    const first = await call("desk", "POST", path, moved);
    expect(first.status).toBe(200);
    expect(await call("desk", "POST", path, moved)).toEqual(first);
    const query = `?from=${morning + hour}&to=${morning + 2 * hour}`;
    const { body } = await call("patient", "GET", `/v1/visits${query}`);
    expect(body).toMatchObject({
      items: [{ id: visit, at: morning + hour, phase: "scheduled" }],
      next: null,
    });
    expect((await call("patient2", "GET", "/v1/visits")).body).toEqual({ items: [], next: null });
  });

  test("who is in it reads its messages, and nobody else", async () => {
    const sent = await command("patient", "chat.send", { id: "say-hello", body: "hello" });
    expect(sent).toHaveProperty("seq");
    const path = `/v1/rooms/consultation/${visit}/messages`;
    const { body } = await call("clinician", "GET", path);
    expect(body).toMatchObject({ items: [{ from: "patient", body: "hello" }] });
    const versions = await call("clinician", "GET", `${path}/${sent.seq}/versions`);
    expect(versions.body).toMatchObject({ items: [{ body: "hello" }] });
    for (const who of ["patient2", "clinician2", "desk", "admin"]) {
      expect((await call(who, "GET", path)).body.code).toBe("room_not_found");
    }
    expect((await call("patient", "GET", "/v1/rooms/waiting/demo/messages")).body.code).toBe(
      "room_not_found",
    );
  });

  test.each([
    ["patient", "visit.start", { id: "try-number-1" }],
    ["patient", "visit.lock", { id: "try-number-1", on: true }],
    ["patient", "visit.invite", { id: "try-number-1", role: "family" }],
    ["clinician", "visit.survey", { id: "try-number-1", rating: 5 }],
    [
      "clinician",
      "visit.decline",
      { id: "try-number-1", from: { kind: "waiting", id: "q1" }, transfer: "t1" },
    ],
    [
      "clinician",
      "visit.accept",
      { id: "try-number-1", invitation: "0123456789abcdef", hash: "h", guest: "mai", guestName: "Mai" },
    ],
  ])("%s may not %s", async (who, name, payload) => {
    expect((await command(who, name, payload)).code).toBe("forbidden");
  });

  test("it is cancelled before it begins, and not after", async () => {
    const early = await schedule("make-early");
    const path = `/v1/visits/${early}/cancel`;
    expect((await call("patient", "POST", path, {})).body.code).toBe("forbidden");
    const first = await call("desk", "POST", path, { id: "cancel-it", reason: "clinician is ill" });
    expect(first.status).toBe(200);
    expect(await call("desk", "POST", path, { id: "cancel-it", reason: "clinician is ill" })).toEqual(first);
    expect((await call("desk", "POST", path, {})).body.code).toBe("visit_ended");
    const { body } = await call("desk", "GET", `/v1/visits/${early}`);
    expect(body).toMatchObject({ phase: "ended", outcome: "cancelled" });

    expect(await command("clinician", "visit.start", { id: "start-visit" })).toHaveProperty("seq");
    expect((await call("desk", "POST", `/v1/visits/${visit}/cancel`, {})).body.code).toBe("visit_phase");
    const late = { at: morning, minutes: 5 };
    expect((await call("desk", "POST", `/v1/visits/${visit}/reschedule`, late)).body.code).toBe(
      "visit_phase",
    );
  });

  test("people of another organisation find nothing here", async () => {
    const token = await other.token("admin", "desk", "clinician", "patient");
    expect((await clinic.rest("GET", "/v1/visits", token)).body).toEqual({ items: [], next: null });
    const path = `/v1/visits/${visit}`;
    for (const [method, where, body] of [
      ["GET", path],
      ["POST", `${path}/cancel`, {}],
      ["POST", `${path}/reschedule`, { at: morning, minutes: 5 }],
      ["POST", `${path}/invitations`, { role: "family" }],
      ["DELETE", `${path}/invitations/0123456789abcdef`],
      ["GET", `/v1/rooms/consultation/${visit}/messages`],
      ["GET", `/v1/rooms/consultation/${visit}/history`],
    ] as const) {
      const { status, body: answer } = await clinic.rest(method, where, token, body);
      expect([method, where, status, answer.code]).toEqual([method, where, 404, "room_not_found"]);
    }
    const mine = await clinic.rest("POST", "/v1/visits", token, { patient: "patient" });
    expect(mine.body.code).toBe("person_not_found");
  });
});
