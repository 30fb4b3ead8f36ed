import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DomainError, type ErrorCode } from "../../core/domain/errors.ts";
import { type Clinic, openClinic } from "../rooms/clinic.ts";
import type { Call } from "./documented-call.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const day = 24 * 3_600_000;
const secret = "s".repeat(43);

describe("what the API makes of a code", () => {
  let api: ApiFixture;
  let start: number;
  let planned: number;
  let made = 0;
  let invitation: string;
  let code: string;

  /** Each time from another network, as tries are counted. */
  const accept = (body: unknown = { name: "Mai" }, shown = code, headers: Call["headers"] = {}) => {
    made += 1;
    const from = `192.0.${made >> 8}.${made & 255}`;
    return api.call("POST", `/v1/invitations/${encodeURIComponent(shown)}/accept`, {
      body,
      headers: { "x-forwarded-for": from, ...headers },
    });
  };
  const accepted = () => ({ seq: 7, at: api.clock.time });

  beforeAll(async () => {
    api = await startApi({ trustedProxies: 1 });
    start = api.clock.time;
    planned = start + 3 * day;
    for (const [id, org] of [
      ["v1", "demo-clinic"],
      ["v2", "other-clinic"],
    ] as const) {
      const room = await api.paper.room({ kind: "consultation", id }, org);
      const listing = { at: planned, owner: "clinician", subject: "patient", status: "scheduled" };
      await api.paper.journal.append([room.part([], { listing })]);
    }
  });
  beforeEach(() => {
    made += 1;
    invitation = made.toString(16).padStart(16, "0");
    code = `v1.${invitation}.${secret}`;
    api.clock.time = start;
    api.received.length = 0;
    api.answers.length = 0;
  });
  afterAll(() => api.close());

  test("the visit is asked by the engine, with the code's hash; then the guest is signed in", async () => {
    api.answers.push(accepted());
    const { status, body } = await accept({ id: "request-1", name: " Mai Tran " });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: expect.any(String),
      visit: "v1",
      guest: expect.stringMatching(/^g-[0-9a-f]{30}$/),
    });
    const hash = createHash("sha256").update(code).digest("base64url");
    const id = expect.stringMatching(/^accept_[0-9a-f]{48}$/);
    expect(api.received).toMatchObject([
      {
        by: { roles: ["system"] },
        ref: { kind: "consultation", id: "v1" },
        name: "visit.accept",
        payload: { id, invitation, hash, guest: body.guest, guestName: "Mai Tran" },
      },
    ]);
    expect(JSON.stringify(api.received)).not.toContain(secret);
    const me = await api.call("GET", "/v1/me", { token: body.access_token });
    expect(me.body).toMatchObject({
      id: body.guest,
      name: "Mai Tran",
      roles: ["guest"],
      org: { id: "demo-clinic" },
    });
  });

  test("the guest belongs to the visit's own organisation", async () => {
    api.answers.push(accepted());
    const { body } = await accept({ name: "Mai" }, `v2.${invitation}.${secret}`);
    const me = await api.call("GET", "/v1/me", { token: body.access_token });
    expect(me.body.org.id).toBe("other-clinic");
  });

  test("a repeat is the same request to the visit; another's is not, and neither is one for another code", async () => {
    const ids: unknown[] = [];
    for (const [request, shown] of [
      ["request-1", code],
      ["request-1", code],
      ["request-2", code],
      ["request-1", `v1.${invitation}.${"t".repeat(43)}`],
    ] as const) {
      await accept({ id: request, name: "Mai" }, shown);
      ids.push(JSON.parse(JSON.stringify(api.received.at(-1)?.payload)).id);
    }
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  test("the guest stays until a day after the visit's time, however often the token is refreshed", async () => {
    const first = { seq: 7, at: api.clock.time };
    api.answers.push(first);
    let token = (await accept({ id: "request-1", name: "Mai" })).body.refresh_token;
    for (const time of [planned, planned + day - 1_000]) {
      api.clock.time = time;
      token = (await api.identity.refresh(token)).refreshToken;
    }
    api.clock.time = planned + day;
    await expect(api.identity.refresh(token)).rejects.toMatchObject({ code: "session_ended" });
    // Nor does the same code open it again: the visit answers a repeat as it did at first.
    api.answers.push(first);
    expect((await accept({ id: "request-1", name: "Mai" })).body.code).toBe("invitation_expired");
  });

  test("whoever comes late has a day from then", async () => {
    api.clock.time = planned + 5 * day;
    api.answers.push(accepted());
    const { refresh_token: token } = (await accept()).body;
    api.clock.time += day - 1_000;
    await expect(api.identity.refresh(token)).resolves.toHaveProperty("refreshToken");
  });

  test("a guest who was turned away meanwhile does not come in", async () => {
    api.answers.push(accepted());
    const { guest } = (await accept({ id: "request-1", name: "Mai" })).body;
    await api.identity.guests.close(guest);
    api.answers.push(accepted());
    expect((await accept({ id: "request-1", name: "Mai" })).body.code).toBe("invitation_invalid");
  });

  test("a browser's token is in its cookie alone, and no other site can sign it in", async () => {
    const body = { name: "Mai", keep: "cookie" };
    api.answers.push(accepted());
    const answer = await accept(body);
    expect(answer.body).not.toHaveProperty("refresh_token");
    expect(answer.headers.get("set-cookie")).toMatch(/^hugmedo_refresh=\S+; Path=\/v1\/auth; .*HttpOnly/);
    const foreign = await accept(body, code, { origin: "https://evil.example" });
    expect(foreign.body.code).toBe("csrf_rejected");
    expect(api.received).toHaveLength(1);
  });

  test("what is not a code of a visit reaches no room, and all of it is told the same", async () => {
    const answers = [];
    for (const shown of [
      "nonsense",
      `v1.${invitation}`,
      `v1.${invitation}.`,
      `v1.${invitation}.short`,
      `v1.${invitation.slice(1)}A.${secret}`,
      `V1.${invitation}.${secret}`,
      `v1.${invitation}.${secret}.x`,
      `v1.${invitation}.${"s".repeat(5_000)}`,
      `v1.${invitation}.${secret}\u0000`,
      `v1.${invitation}.${secret}\n`,
      `../v1.${invitation}.${secret}`,
      `nowhere.${invitation}.${secret}`,
    ]) {
      const { status, body } = await accept({ name: "Mai" }, shown);
      answers.push(JSON.stringify({ status, ...body, instance: "" }));
    }
    expect([...new Set(answers)]).toEqual([expect.stringContaining('"code":"invitation_invalid"')]);
    expect(api.received).toEqual([]);
  });

  test.each<[ErrorCode, ErrorCode]>([
    ["invitation_invalid", "invitation_invalid"],
    ["invitation_expired", "invitation_expired"],
    ["invitation_used", "invitation_used"],
    ["visit_locked", "visit_locked"],
    ["visit_ended", "visit_ended"],
    ["command_conflict", "command_conflict"],
    ["busy", "busy"],
    ["room_not_found", "invitation_invalid"],
    ["forbidden", "invitation_invalid"],
    ["already_exists", "invitation_invalid"],
  ])("the visit's %s is told as %s, and nobody is signed in", async (code, told) => {
    api.answers.push(new DomainError(code, "of the room"));
    const { body, headers } = await accept({ name: "Mai", keep: "cookie" });
    expect(body.code).toBe(told);
    if (code !== told) expect(body.detail).not.toContain("of the room");
    expect(headers.get("set-cookie")).toBeNull();
  });

  test.each<[string, unknown]>([
    ["no name", {}],
    ["an empty name", { name: " " }],
    ["a long name", { name: "x".repeat(101) }],
    ["a name with controls", { name: "Mai\u0007" }],
    ["a short id", { id: "short", name: "Mai" }],
    ["another field", { name: "Mai", role: "clinician" }],
    ["another place to keep it", { name: "Mai", keep: "memory" }],
  ])("%s is not of the form", async (_, body) => {
    expect((await accept(body)).body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });

  test("a network that tries many codes has to wait; others do not", async () => {
    const from = (address: string) =>
      accept({ name: "Mai" }, `nowhere.${invitation}.${secret}`, {
        "x-forwarded-for": address,
      });
    const answers = await Promise.all(Array.from({ length: 40 }, () => from("198.51.100.1")));
    const refused = answers.filter(({ body }) => body.code === "rate_limited");
    expect(refused.length).toBeGreaterThanOrEqual(15);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(20);
    expect((await from("198.51.100.2")).body.code).toBe("invitation_invalid");
  });

  test("revoking is asked of the visit; then nobody comes by that invitation any more", async () => {
    api.answers.push(accepted());
    const { guest, access_token: token } = (await accept({ id: "request-1", name: "Mai" })).body;
    const desk = { token: await api.token("desk") };
    const path = `/v1/visits/v1/invitations/${invitation}`;
    api.answers.push(new DomainError("forbidden"));
    expect((await api.call("DELETE", path, desk)).body.code).toBe("forbidden");
    expect((await api.call("GET", "/v1/me", { token })).body.id).toBe(guest);

    const { status } = await api.call("DELETE", `${path}?id=request-2`, desk);
    expect(status).toBe(200);
    const payload = { id: "request-2", invitation };
    expect(api.received.at(-1)).toMatchObject({ name: "visit.revoke", payload, ref: { id: "v1" } });
    expect((await api.call("GET", "/v1/me", { token })).body.code).toBe("session_ended");
  });

  test("the link to an invitation leads to where browsers reach us", async () => {
    const published = await startApi({ publicAddress: "https://clinic.example" });
    for (const [server, origin] of [
      [api, api.url],
      [published, "https://clinic.example"],
    ] as const) {
      server.answers.push({ seq: 3, at: 1_000, invitation, code });
      const body = { id: "request-1", role: "interpreter", label: "Mai" };
      const token = await server.token("desk");
      const made = await server.call("POST", "/v1/visits/v1/invitations", { token, body });
      expect(made.status).toBe(201);
      expect(made.body).toEqual({ invitation, code, url: `${origin}/join/${code}` });
      expect(server.received.at(-1)).toMatchObject({ name: "visit.invite", payload: body });
    }
    await published.close();
  });

  test("a host that is none is refused before anybody is invited", async () => {
    const headers = {
      host: "not a host",
      "content-type": "application/json",
      authorization: `Bearer ${await api.token("desk")}`,
    };
    const sent = request(`${api.url}/v1/visits/v1/invitations`, { method: "POST", headers });
    sent.end('{"role":"family"}');
    const [answer] = await once(sent, "response");
    expect(await json(answer)).toMatchObject({ code: "invalid_payload" });
    expect(api.received).toEqual([]);
  });
});

describe("on a real server", () => {
  let clinic: Clinic;
  let visit: string;
  let calls = 0;

  const call = async (who: string, method: string, path: string, body?: unknown) =>
    clinic.rest(method, path, await clinic.token(who), body);
  const ask = async (token: string, name: string, payload: object) =>
    (await clinic.rest("POST", `/v1/rooms/consultation/${visit}/commands`, token, { name, payload })).body;
  const newId = () => {
    calls += 1;
    return `request-${calls}`;
  };
  const invite = async (role = "interpreter") => {
    const body = { id: newId(), role };
    const path = `/v1/visits/${visit}/invitations`;
    const made = await call("clinician", "POST", path, body);
    expect(await call("clinician", "POST", path, body)).toEqual(made);
    return { code: String(made.body.code), invitation: String(made.body.invitation) };
  };
  const accept = async (code: string, id = newId(), name = "Mai") =>
    (await clinic.rest("POST", `/v1/invitations/${code}/accept`, null, { id, name })).body;

  beforeAll(async () => {
    clinic = await openClinic();
  });
  beforeEach(async () => {
    const body = { patient: "patient", clinician: "clinician" };
    visit = String((await call("desk", "POST", "/v1/visits", body)).body.id);
  });
  afterAll(() => clinic.close());

  test("an interpreter comes by the link, waits at the door, is let in, and is out when it is revoked", async () => {
    const { code, invitation } = await invite();
    const { access_token, guest } = await accept(code);
    const token = String(access_token);
    const messages = () => clinic.rest("GET", `/v1/rooms/consultation/${visit}/messages`, token);
    const visits = async () => (await clinic.rest("GET", "/v1/visits", token)).body;

    expect((await messages()).body.code).toBe("room_not_found");
    expect(await visits()).toEqual({ items: [], next: null });
    expect((await ask(token, "visit.summary", {})).code).toBe("forbidden");
    expect((await ask(token, "visit.admit", { id: newId(), participant: guest })).code).toBe("forbidden");
    expect(await ask(token, "visit.knock", { id: newId() })).toHaveProperty("seq");

    const clinician = await clinic.token("clinician");
    expect(await ask(clinician, "visit.admit", { id: newId(), participant: guest })).toHaveProperty("seq");
    expect((await messages()).status).toBe(200);
    expect(await visits()).toMatchObject({ items: [{ id: visit }], next: null });
    expect((await clinic.rest("GET", "/v1/people", token)).body.code).toBe("forbidden");
    expect((await clinic.rest("GET", "/v1/queues", token)).body.code).toBe("forbidden");

    const path = `/v1/visits/${visit}/invitations/${invitation}`;
    expect((await call("patient", "DELETE", path)).body.code).toBe("forbidden");
    expect((await call("clinician", "DELETE", path)).status).toBe(200);
    expect((await call("clinician", "DELETE", path)).status).toBe(200);
    expect((await messages()).body.code).toBe("session_ended");
    expect((await accept(code)).code).toBe("invitation_invalid");
    const missing = `/v1/visits/${visit}/invitations/0123456789abcdef`;
    expect((await call("clinician", "DELETE", missing)).body.code).toBe("invitation_invalid");
  });

  test("a code is good for one guest; the same request again is the same guest", async () => {
    const { code } = await invite("family");
    const [first, again] = [await accept(code, "accept-it"), await accept(code, "accept-it")];
    expect(again.guest).toBe(first.guest);
    expect(again.access_token).not.toBe(first.access_token);
    for (const { access_token } of [first, again]) {
      expect(await ask(String(access_token), "visit.knock", { id: newId() })).toHaveProperty("seq");
    }
    expect((await accept(code, "accept-it", "Somebody else")).code).toBe("command_conflict");
    expect((await accept(code)).code).toBe("invitation_used");
  });

  test("two who show the same code at once: one comes in", async () => {
    const { code } = await invite("family");
    const answers = await Promise.all(Array.from({ length: 4 }, () => accept(code)));
    expect(answers.filter(({ guest }) => guest !== undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer.code === "invitation_used")).toHaveLength(3);
  });

  test("a code that was altered, or is of another visit, is not valid", async () => {
    const { code, invitation } = await invite();
    const secret = code.split(".")[2] ?? "";
    for (const altered of [
      `${visit}.${invitation}.${secret.slice(0, -2)}AA`,
      `${visit}.0123456789abcdef.${secret}`,
      `demo.${invitation}.${secret}`,
      `${visit}.${invitation}.${secret}A`,
    ]) {
      expect((await accept(altered)).code).toBe("invitation_invalid");
    }
    expect(await accept(code)).toHaveProperty("guest");
  });

  test("nobody comes into a visit that is locked, or over", async () => {
    const { code } = await invite();
    const clinician = await clinic.token("clinician");
    await ask(clinician, "visit.lock", { id: newId(), on: true });
    expect((await accept(code)).code).toBe("visit_locked");
    await ask(clinician, "visit.lock", { id: newId(), on: false });
    await call("desk", "POST", `/v1/visits/${visit}/cancel`, {});
    expect((await accept(code)).code).toBe("visit_ended");
  });
});
