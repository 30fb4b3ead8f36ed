import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;

beforeAll(async () => {
  api = await startApi();
  const { people } = api.identity;
  await people.ensureOrg("other", "Other Clinic");
  const stranger = {
    id: "stranger",
    org: "other",
    username: "stranger",
    name: "Hana Sato of another clinic",
  };
  await people.add({ ...stranger, roles: ["patient"], demo: false, password: null });
});
afterAll(() => api.close());

const find = async (who: string, query = "") => {
  const { status, body } = await api.call("GET", `/v1/people${query}`, { token: await api.token(who) });
  expect(status).toBe(200);
  return body.items.map((person: { id: string }) => person.id);
};

test("GET /v1/me says who I am", async () => {
  const { body } = await api.call("GET", "/v1/me", { token: await api.token("patient3") });
  expect(body).toEqual({
    id: "patient3",
    username: "patient3",
    name: "鈴木 健太 (Kenta Suzuki)",
    org: { id: "demo-clinic", name: "Demo Clinic" },
    roles: ["patient"],
    demo: true,
  });
});

test("GET /v1/demo lists accounts that can sign in", async () => {
  const { body } = await api.call("GET", "/v1/demo");
  expect(body.accounts).toHaveLength(9);
  const { username, password } = body.accounts[3];
  expect(body.accounts[3]).toMatchObject({
    username: "clinician",
    role: "clinician",
    name: "Dr. Emma Lindqvist",
  });
  expect((await api.call("POST", "/v1/auth/token", { body: { username, password } })).status).toBe(200);
});

test("GET /v1/demo is not there where nothing was seeded", async () => {
  const people = await api.identity.people.demo();
  for (const { id } of people) await api.identity.people.setDisabled(id, 1);
  const { status, body } = await api.call("GET", "/v1/demo");
  for (const { id } of people) await api.identity.people.setDisabled(id, null);
  expect(status).toBe(404);
  expect(body.code).toBe("not_found");
});

test("staff find everyone of their organisation, by name or username", async () => {
  expect(await find("desk")).toHaveLength(9);
  expect(await find("desk", "?q=sato")).toEqual(["patient"]);
  expect(await find("clinician", `?q=${encodeURIComponent("健太")}`)).toEqual(["patient3"]);
  expect(await find("admin", "?q=patient")).toEqual(["patient2", "patient", "patient3"]);
  expect(await find("desk", "?q=%25")).toEqual([]);
});

test.each(["patient", "operator", "auditor"])("%s finds staff only, by name only", async (who) => {
  expect((await find(who)).sort()).toEqual(["admin", "clinician", "clinician2", "desk"]);
  expect(await find(who, "?q=sato")).toEqual([]);
  expect(await find(who, "?q=desk")).toEqual([]);
  expect(await find(who, "?q=emma")).toEqual(["clinician"]);
});

test("a guest finds nobody and is found by nobody, but knows who they are", async () => {
  const guest = { id: "mai", org: "demo-clinic", name: "Mai", expiresAt: api.clock.time + 3_600_000 };
  const { accessToken: token } = await api.identity.guests.open(guest);
  const { status, body } = await api.call("GET", "/v1/people", { token });
  expect(status).toBe(403);
  expect(body.code).toBe("forbidden");
  expect(await find("admin", "?q=mai")).toEqual([]);
  expect((await api.call("GET", "/v1/me", { token })).body).toMatchObject({ id: "mai", roles: ["guest"] });
});

test("an answer has id, name and roles, and nothing else", async () => {
  const { body } = await api.call("GET", "/v1/people?q=emma", { token: await api.token("patient") });
  expect(body).toEqual({
    items: [{ id: "clinician", name: "Dr. Emma Lindqvist", roles: ["clinician"] }],
    next: null,
  });
});

test("pages join without gaps or repeats", async () => {
  const token = await api.token("desk");
  const seen: string[] = [];
  let next: string | null = null;
  let pages = 0;
  do {
    const after: string = next === null ? "" : `&after=${encodeURIComponent(next)}`;
    const { body } = await api.call("GET", `/v1/people?limit=4${after}`, { token });
    seen.push(...body.items.map((person: { id: string }) => person.id));
    next = body.next;
    pages += 1;
  } while (next !== null);
  expect(seen).toEqual(await find("desk"));
  expect(pages).toBe(3);
});

const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

test.each([
  "limit=0",
  "limit=201",
  "limit=-1",
  "limit=NaN",
  "limit=1e2",
  "limit=",
  "limit=5&limit=6",
  "q=a&q=b",
  "q=%00",
  `q=${"x".repeat(101)}`,
  "after=nonsense",
  `after=${cursor([])}`,
  `after=${cursor({ name: 1, id: "a" })}`,
  `after=${cursor({ name: "a\u0000", id: "a" })}`,
  `after=${"a".repeat(1_001)}`,
])("?%s is not of the form", async (query) => {
  const { status, body } = await api.call("GET", `/v1/people?${query}`, { token: await api.token("desk") });
  expect(status).toBe(400);
  expect(body.code).toBe("invalid_payload");
});
