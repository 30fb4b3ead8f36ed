import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Answer } from "./documented-call.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

const minute = 60_000;
let api: ApiFixture;
let admin: string;

beforeAll(async () => {
  api = await startApi();
  await api.identity.people.ensureOrg("other-clinic", "Other Clinic");
});
beforeEach(async () => {
  api.clock.time += 60 * minute;
  admin = await api.token("admin");
});
afterAll(() => api.close());

const outcome = ({ status, body }: Answer) => (status < 400 ? status : body.code);
async function made(...scopes: readonly string[]) {
  const { body } = await api.call("POST", "/v1/clients", { token: admin, body: { name: "Billing", scopes } });
  return { id: String(body.id), secret: String(body.secret.secret), secretId: String(body.secret.id) };
}
type Made = Pick<Awaited<ReturnType<typeof made>>, "id" | "secret">;
const grant = { grant_type: "client_credentials" } as const;
const tokenFor = ({ id, secret }: Made, more: object = {}) =>
  api.call("POST", "/v1/auth/client-token", {
    body: { ...grant, client_id: id, client_secret: secret, ...more },
  });

test("an administrator makes a client; its secret is told once; with it come short tokens of its scopes", async () => {
  const answer = await api.call("POST", "/v1/clients", {
    token: admin,
    body: { name: "請求システム", scopes: ["visits:write", "people:read"] },
  });
  expect(answer.status).toBe(201);
  const { id, secret } = answer.body;
  expect(secret.secret).toMatch(/^hms_[\w-]{43}$/);

  const given = await tokenFor({ id, secret: secret.secret });
  expect(given.body).toMatchObject({
    token_type: "Bearer",
    expires_in: 600,
    scope: "visits:write people:read",
  });
  expect(given.body).not.toHaveProperty("refresh_token");
  const token = given.body.access_token;
  expect(decodeJwt(token)).toMatchObject({
    sub: id,
    client_id: id,
    roles: ["integrator"],
    scope: "visits:write people:read",
  });
  expect((await api.call("GET", "/v1/me", { token })).body).toMatchObject({ id, name: "請求システム" });

  const { body } = await api.call("GET", "/v1/clients", { token: admin });
  const listed = body.items.find((client: { id: string }) => client.id === id);
  expect(listed).toMatchObject({
    ...{ name: "請求システム", madeBy: "admin", madeAt: api.clock.time, revokedAt: null },
    secrets: [{ id: secret.id, hint: secret.secret.slice(-4), expiresAt: null, lastUsedAt: api.clock.time }],
  });
  expect(JSON.stringify([body, api.log])).not.toContain(secret.secret);
});

test("a client does what it has the scope for, and nothing else", async () => {
  const token = async (...scopes: readonly string[]) =>
    (await tokenFor(await made(...scopes))).body.access_token;
  const people = await token("people:read");
  expect(outcome(await api.call("GET", "/v1/people", { token: people }))).toBe(200);
  const chats = await token("chats:read");
  expect(outcome(await api.call("GET", "/v1/chats", { token: chats }))).toBe(200);
  expect(outcome(await api.call("GET", "/v1/chats", { token: people }))).toBe("forbidden");
  for (const path of [
    "/v1/visits",
    "/v1/queues",
    "/v1/clients",
    "/v1/people/patient/sessions",
    "/v1/cluster/processes",
  ]) {
    expect(outcome(await api.call("GET", path, { token: people })), path).toBe("forbidden");
  }
  const body = { id: "11111111-1111-4111-8111-111111111111", title: "From the outside", members: [] };
  expect(outcome(await api.call("POST", "/v1/chats", { token: chats, body }))).not.toBe(201);
});

test("a client is not in the directory, and has no second factor and no password", async () => {
  const client = await made("people:read");
  const token = (await tokenFor(client)).body.access_token;
  const { body } = await api.call("GET", "/v1/people?limit=200", { token: admin });
  expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(client.id);
  const enrol = await api.call("POST", "/v1/me/second-factor", { token, body: { password: "x" } });
  expect(outcome(enrol)).toBe("forbidden");
});

test("the credentials come by HTTP Basic, as a form or as JSON; fewer scopes may be asked for, more not", async () => {
  const { id, secret } = await made("visits:read", "visits:write");
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}` };
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const path = "/v1/auth/client-token";
  const byForm = await api.call("POST", path, {
    raw: String(
      new URLSearchParams({ ...grant, client_id: id, client_secret: secret, scope: "visits:read" }),
    ),
    headers: form,
  });
  expect(byForm.body.scope).toBe("visits:read");
  const byBasic = await api.call("POST", path, {
    raw: "grant_type=client_credentials",
    headers: { ...form, ...basic },
  });
  expect(byBasic.body.scope).toBe("visits:read visits:write");
  expect((await api.call("POST", path, { body: grant, headers: basic })).status).toBe(200);
  const both = await api.call("POST", path, { body: { ...grant, client_secret: secret }, headers: basic });
  expect(outcome(both)).toBe("invalid_payload");
  expect(outcome(await tokenFor({ id, secret }, { scope: "visits:read people:read" }))).toBe(
    "scope_rejected",
  );
  expect(outcome(await tokenFor({ id, secret }, { scope: "everything" }))).toBe("invalid_payload");
  expect(outcome(await tokenFor({ id, secret }, { grant_type: "password" }))).toBe("invalid_payload");
  for (const raw of ["grant_type=client_credentials&grant_type=x", "%", "a[b]=c", "x=".repeat(9_000)]) {
    expect([400, 401]).toContain((await api.call("POST", path, { raw, headers: form })).status);
  }
});

test("a wrong secret, an unknown client and another client's secret look the same", async () => {
  const [one, two] = [await made("people:read"), await made("people:read")];
  const answers = [
    await tokenFor({ id: one.id, secret: "hms_wrong" }),
    await tokenFor({ id: "c-000000000000000000000000", secret: one.secret }),
    await tokenFor({ id: one.id, secret: two.secret }),
    await tokenFor({ id: one.id, secret: "" }),
    await tokenFor({ id: "patient", secret: "demo-patient" }),
  ];
  for (const { status, body } of answers) {
    expect([status, body.code, body.detail]).toEqual([401, "client_rejected", answers[0]?.body.detail]);
  }
});

test("secrets are changed without a pause: a second one, and the first goes", async () => {
  const client = await made("people:read");
  const path = `/v1/clients/${client.id}/secrets`;
  const before = (await tokenFor(client)).body.access_token;
  const second = await api.call("POST", path, {
    token: admin,
    body: { expiresAt: api.clock.time + 10 * minute },
  });
  expect(second.status).toBe(201);
  expect(outcome(await api.call("POST", path, { token: admin, body: {} }))).toBe("secret_limit");
  const newer = { id: client.id, secret: second.body.secret };
  expect([(await tokenFor(client)).status, (await tokenFor(newer)).status]).toEqual([200, 200]);
  expect((await api.call("DELETE", `${path}/${client.secretId}`, { token: admin })).status).toBe(204);
  expect(outcome(await tokenFor(client))).toBe("client_rejected");
  expect(outcome(await api.call("GET", "/v1/people", { token: before }))).toBe("session_ended");
  expect((await tokenFor(newer)).status).toBe(200);
  api.clock.time += 10 * minute;
  expect(outcome(await tokenFor(newer))).toBe("client_rejected");
});

test("a revoked client is out at once and for good", async () => {
  const client = await made("people:read");
  const { access_token: token } = (await tokenFor(client)).body;
  const again = (await tokenFor(client)).body.access_token;
  expect(decodeJwt(again).sid).toBe(decodeJwt(token).sid);
  expect((await api.call("DELETE", `/v1/clients/${client.id}`, { token: admin })).status).toBe(204);
  for (const one of [token, again]) {
    expect(outcome(await api.call("GET", "/v1/people", { token: one }))).toBe("session_ended");
  }
  expect(outcome(await tokenFor(client))).toBe("client_rejected");
  expect(outcome(await api.call("DELETE", `/v1/clients/${client.id}`, { token: admin }))).toBe("not_found");
  const secrets = await api.call("POST", `/v1/clients/${client.id}/secrets`, { token: admin, body: {} });
  expect(outcome(secrets)).toBe("not_found");
});

test("clients are for administrators, of their own organisation", async () => {
  api.rooms.set("chat:one", sampleRoom(1));
  const foreign = await api.identity.clients.add({
    org: "other-clinic",
    by: "x",
    name: "Theirs",
    scopes: ["people:read"],
  });
  const asked = async (token: string) => {
    const at = `/v1/clients/${foreign.id}`;
    return [
      outcome(await api.call("DELETE", at, { token })),
      outcome(await api.call("POST", `${at}/secrets`, { token, body: {} })),
      outcome(await api.call("DELETE", `${at}/secrets/${foreign.secret.id}`, { token })),
    ];
  };
  expect(await asked(admin)).toEqual(["not_found", "not_found", "not_found"]);
  const { body } = await api.call("GET", "/v1/clients", { token: admin });
  expect(body.items.map(({ id }: { id: string }) => id)).not.toContain(foreign.id);
  for (const person of ["patient", "clinician", "desk", "operator", "auditor"]) {
    const token = await api.token(person);
    expect(await asked(token)).toEqual(["forbidden", "forbidden", "forbidden"]);
    expect(outcome(await api.call("GET", "/v1/clients", { token }))).toBe("forbidden");
    const more = { name: "x", scopes: ["people:read"] };
    expect(outcome(await api.call("POST", "/v1/clients", { token, body: more }))).toBe("forbidden");
  }
});
