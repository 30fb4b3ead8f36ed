import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isKeyed } from "../../api/endpoint.ts";
import { endpoints } from "../../api/routes/index.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let clinician = "";
let desk = "";

beforeAll(async () => {
  api = await startApi();
  clinician = await api.token("clinician");
  desk = await api.token("desk");
});
beforeEach(() => {
  api.received.length = 0;
});
afterAll(() => api.close());

const chat = { title: "About the appointment", members: [{ person: "patient", role: "member" }] };
const create = (key: string, { body = chat as object, token = clinician } = {}) =>
  api.call("POST", "/v1/chats", { token, body, headers: { "idempotency-key": key } });

test("sixteen at once make one, and whoever comes again gets the same reply", async () => {
  const answers = await Promise.all(Array.from({ length: 16 }, () => create('"sixteen"')));
  expect(api.received).toHaveLength(1);
  const made = answers.filter(({ status }) => status === 201);
  expect(new Set(made.map(({ text }) => text)).size).toBe(1);
  for (const { status, body, headers } of answers) {
    if (status !== 201) expect([body.code, headers.get("retry-after")]).toEqual(["request_in_progress", "1"]);
  }
  const again = await create('"sixteen"');
  expect([again.status, again.text]).toEqual([201, made[0]?.text]);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(again.headers.get("location")).toBe(`/v1/chats/${again.body.id}`);
  expect(made.filter(({ headers }) => headers.get("idempotent-replayed") === null)).toHaveLength(1);
  expect(api.received).toHaveLength(1);
});

test("another body under the same key is refused, and makes nothing", async () => {
  await create("one-key-of-mine");
  const { status, body } = await create("one-key-of-mine", { body: { ...chat, title: "Another" } });
  expect([status, body.code]).toEqual([422, "idempotency_mismatch"]);
  expect(api.received).toHaveLength(1);
});

test("a key is its sender's own, and its operation's", async () => {
  await create("shared-by-chance");
  expect((await create("shared-by-chance", { token: desk })).status).toBe(201);
  const headers = { "idempotency-key": "shared-by-chance" };
  const visit = await api.call("POST", "/v1/visits", {
    token: desk,
    body: { patient: "patient", clinician: "clinician", reason: "Cough" },
    headers,
  });
  expect(visit.status).toBe(201);
  expect(api.received).toHaveLength(3);
  const ids = api.received.map(({ payload }) => JSON.parse(JSON.stringify(payload)).id);
  expect(ids[0]).toMatch(/^key_[\w-]{43}$/);
  // Rooms recognise a repeat by person and id themselves; the id tells one operation from another.
  expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false]);
});

test("a refusal is not kept: the next try is one", async () => {
  api.answers.push(new DomainError("busy"));
  expect((await create("unlucky-first")).status).toBe(503);
  const second = await create("unlucky-first");
  expect([second.status, second.headers.get("idempotent-replayed")]).toEqual([201, null]);
  expect(api.received).toHaveLength(2);
});

test("the body's own id goes on working, with a key and without", async () => {
  await create("with-an-id", { body: { ...chat, id: "my-own-request-id" } });
  expect(api.received[0]?.payload).toMatchObject({ id: "my-own-request-id" });
});

test.each(['""', '"a', 'a"b', "日本", "x".repeat(256), '"x", "y"', "a b"])("%j is no key", async (key) => {
  const sent = Buffer.from(key).toString("latin1");
  const { status, body } = await create(sent);
  expect([status, body.code]).toEqual([400, "invalid_payload"]);
  expect(api.received).toHaveLength(0);
});

test("a room's command takes it too", async () => {
  const send = (body: string) =>
    api.call("POST", "/v1/rooms/chat/demo/commands", {
      token: clinician,
      body: { name: "chat.send", payload: { id: "a-message-of-mine", body } },
      headers: { "idempotency-key": '"a-command"' },
    });
  const first = await send("Hello");
  expect((await send("Hello")).text).toBe(first.text);
  expect((await send("Good bye")).body.code).toBe("idempotency_mismatch");
  expect(api.received).toHaveLength(1);
});

describe("the contract", () => {
  const posts = endpoints.filter(({ method, status }) => method === "post" && status === 201);

  test.each(posts.map((each) => [each.id, each] as const))("%s takes a key", (_, each) => {
    expect(isKeyed(each)).toBe(true);
  });
});
