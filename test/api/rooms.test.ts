import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi();
  for (const who of ["clinician", "clinician2", "patient", "patient2"]) tokens[who] = await api.token(who);
});
beforeEach(() => {
  api.rooms.clear();
  api.rooms.set("chat:demo", sampleRoom(10));
  api.received.length = 0;
  api.answers.length = 0;
});
afterAll(() => api.close());

const as = (who: string) => ({ token: tokens[who] ?? "" });
const seqs = (body: { items: { seq: number }[] }) => body.items.map(({ seq }) => seq);

describe("GET /v1/rooms/:kind/:id/messages", () => {
  const get = (query = "", who = "patient") =>
    api.call("GET", `/v1/rooms/chat/demo/messages${query}`, as(who));

  test("newest first, and back from there", async () => {
    const first = (await get("?limit=4")).body;
    expect(seqs(first)).toEqual([20, 18, 16, 14]);
    expect(first.next).toBe("14");
    const second = (await get(`?limit=4&before=${first.next}`)).body;
    expect(seqs(second)).toEqual([12, 10, 8, 6]);
    const third = (await get(`?limit=4&before=${second.next}`)).body;
    expect(seqs(third)).toEqual([4, 2]);
    expect(third.next).toBeNull();
  });

  test("oldest first after a seq", async () => {
    const { body } = await get("?after=5&limit=2");
    expect(seqs(body)).toEqual([6, 8]);
    expect(body.next).toBe("8");
    expect(seqs((await get("?after=5&before=11")).body)).toEqual([6, 8, 10]);
    expect((await get("?after=20")).body).toEqual({ items: [], next: null });
    expect((await get("?after=9007199254740991")).body).toEqual({ items: [], next: null });
  });

  test("messages are as they are now", async () => {
    const { body } = await get("?after=0&limit=3");
    expect(body.items).toEqual([
      {
        seq: 2,
        id: "message-0",
        from: "patient",
        at: 1_000,
        body: "message 0",
        reactions: { "👍": ["clinician"] },
      },
      { seq: 4, id: "message-1", from: "clinician", at: 1_001, body: null, deletedAt: 2_000, reactions: {} },
      {
        seq: 6,
        id: "message-2",
        from: "patient",
        at: 1_002,
        body: "message 2",
        replyTo: 2,
        editedAt: 2_001,
        reactions: {},
      },
    ]);
  });

  test("an observer reads; an outsider sees what is not there", async () => {
    expect((await get("", "patient2")).status).toBe(200);
    const outside = await get("", "clinician2");
    const missing = await api.call("GET", "/v1/rooms/chat/none/messages", as("clinician2"));
    const otherKind = await api.call("GET", "/v1/rooms/waiting/demo/messages", as("patient"));
    for (const { status, body } of [outside, missing, otherKind]) {
      expect(status).toBe(404);
      expect({ ...body, instance: "" }).toEqual({ ...missing.body, instance: "" });
      expect(body.code).toBe("room_not_found");
    }
  });

  test.each([
    "after=-1",
    "after=NaN",
    "after=1.5",
    "after=",
    "after=0x10",
    "after=1e3",
    "after=9007199254740992",
    "after=99999999999999999999",
    "before=-1",
    "before=Infinity",
    "before=null",
    "after=1&after=2",
    "limit=0",
    "limit=201",
    "limit=ten",
  ])("?%s is not of the form", async (query) => {
    const { status, body } = await get(`?${query}`);
    expect(status).toBe(400);
    expect(body.code).toBe("invalid_payload");
  });

  test.each([
    "/v1/rooms/lobby/demo",
    "/v1/rooms/chat/DEMO",
    "/v1/rooms/__proto__/demo",
    "/v1/rooms/chat/%ff",
  ])("%s is no room", async (room) => {
    expect((await api.call("GET", `${room}/messages`, as("patient"))).body.code).toBe("invalid_payload");
  });
});

describe("GET /v1/rooms/:kind/:id/messages/:seq/versions", () => {
  const get = (seq: string | number, who: string) =>
    api.call("GET", `/v1/rooms/chat/demo/messages/${seq}/versions`, as(who));

  test("for the author and for administrators, oldest first", async () => {
    for (const who of ["patient", "clinician"]) {
      const { body } = await get(6, who);
      expect(body.items).toEqual([
        { seq: 6, at: 1_002, body: "as first written" },
        { seq: 7, at: 1_003, body: "message 2" },
      ]);
    }
  });

  test("not for other members, and not to find out what is there", async () => {
    expect((await get(6, "patient2")).body.code).toBe("forbidden");
    expect((await get(4, "patient")).body.code).toBe("forbidden");
    expect((await get(7, "patient")).body.code).toBe("forbidden");
    expect((await get(6, "clinician2")).body.code).toBe("room_not_found");
  });

  test("of a message that is not there", async () => {
    expect((await get(7, "clinician")).body.code).toBe("message_not_found");
  });

  test.each(["0", "-1", "NaN", "1.5", "2x", "9007199254740993"])("seq %s is not of the form", async (seq) => {
    expect((await get(seq, "clinician")).body.code).toBe("invalid_payload");
  });
});

describe("POST /v1/rooms/:kind/:id/commands", () => {
  const path = "/v1/rooms/chat/demo/commands";
  const send = (body: unknown) => api.call("POST", path, { ...as("patient"), body });

  test("goes to the room as it is, and its reply comes back as it is", async () => {
    api.answers.push({ seq: 41, at: 1_700_000_000_000, extra: { more: [1] } });
    const payload = { id: "command-1", body: "こんにちは <b>&amp;</b>" };
    const { status, body } = await send({ name: "chat.send", payload });
    expect(status).toBe(200);
    expect(body).toEqual({ seq: 41, at: 1_700_000_000_000, extra: { more: [1] } });
    expect(api.received).toEqual([
      {
        by: {
          id: "patient",
          org: "demo-clinic",
          name: "佐藤 花 (Hana Sato)",
          roles: ["patient"],
          session: expect.any(String),
          factors: ["pwd"],
        },
        ref: { kind: "chat", id: "demo" },
        name: "chat.send",
        payload,
      },
    ]);
  });

  test.each(["waiting", "consultation"])("reaches rooms of kind %s too", async (kind) => {
    await api.call("POST", `/v1/rooms/${kind}/demo/commands`, {
      ...as("patient"),
      body: { name: "x", payload: {} },
    });
    expect(api.received[0]?.ref).toEqual({ kind, id: "demo" });
  });

  test("text arrives unaltered: lone surrogates, controls, unusual forms", async () => {
    for (const text of [
      "\ud800",
      "a\udc00b",
      "\u0000\u001f\u007f\u009f",
      "e\u0301".repeat(1_000),
      "\ufeffx\uffff",
      " ",
    ]) {
      const raw = JSON.stringify({ name: "chat.send", payload: { id: "command-1", body: text } });
      await api.call("POST", path, { ...as("patient"), raw });
      expect(api.received.at(-1)?.payload).toEqual({ id: "command-1", body: text });
    }
  });

  test("a payload of any form is the room's to judge", async () => {
    for (const payload of [
      null,
      [],
      7,
      "text",
      { seq: -1 },
      { seq: 1e308 },
      { constructor: 1, toString: 2 },
    ]) {
      expect((await send({ name: "chat.read", payload })).status).toBe(200);
      expect(api.received.at(-1)?.payload).toEqual(payload);
    }
  });

  test.each([
    ["unknown_request", 404],
    ["body_empty", 422],
    ["body_malformed", 422],
    ["command_conflict", 409],
    ["room_not_found", 404],
    ["forbidden", 403],
    ["invalid_payload", 400],
  ] as const)("the room's %s is answered with %i", async (code, status) => {
    api.answers.push(new DomainError(code));
    const answer = await send({ name: "chat.send", payload: {} });
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
  });

  test("busy says when to try again", async () => {
    api.answers.push(new DomainError("busy", undefined, { retryAfterMs: 1_500 }));
    const { status, body, headers } = await send({ name: "chat.send", payload: {} });
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: "busy", retryAfterMs: 1_500 });
    expect(headers.get("retry-after")).toBe("2");
  });

  test("what goes wrong in there is told to the log alone", async () => {
    api.answers.push(new Error("relation journal of patient Sato"));
    const { status, body, text, headers } = await send({ name: "chat.send", payload: {} });
    expect(status).toBe(500);
    expect(body.code).toBe("internal");
    expect(text).not.toContain("journal");
    const requestId = headers.get("x-request-id");
    const line = api.log.find((each) => each.requestId === requestId && each.err !== undefined);
    expect(line).toMatchObject({ level: 50, err: { message: "relation journal of patient Sato" } });
    expect(body.instance).toBe(`urn:hugmedo:request:${requestId}`);
  });

  test.each<[string, string]>([
    ["no payload", '{"name":"chat.typing"}'],
    ["no name", '{"payload":{}}'],
    ["a name that is a number", '{"name":1,"payload":{}}'],
    ["a long name", JSON.stringify({ name: "x".repeat(65), payload: {} })],
    ["another field", '{"name":"chat.send","payload":{},"by":"admin"}'],
    ["null", "null"],
    ["a list", "[]"],
    ["a list of commands", '[{"name":"chat.send","payload":{}}]'],
    ["a string", '"chat.send"'],
    ["nothing", ""],
    ["half of it", '{"name":"chat.send","payl'],
    ["two of them", '{"name":"a","payload":{}}{"name":"b","payload":{}}'],
    ["NaN", '{"name":"chat.read","payload":{"seq":NaN}}'],
    ["__proto__", '{"name":"chat.send","payload":{},"__proto__":{"name":"x"}}'],
    ["__proto__ in the payload", '{"name":"chat.send","payload":{"__proto__":{"admin":true}}}'],
    ["__proto__ deep inside", '{"name":"chat.send","payload":{"a":[{"b":{"\\u005f_proto__":1}}]}}'],
    ["deep nesting", `{"name":"chat.send","payload":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ])("%s is not of the form", async (_, raw) => {
    const answer = await api.call("POST", path, { ...as("patient"), raw });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });

  test("nobody's prototype has changed", () => {
    expect({}).not.toHaveProperty("admin");
    expect({}).not.toHaveProperty("name");
  });

  test("without a sign-in not even the body is read", async () => {
    const { status, body } = await api.call("POST", path, { raw: "{".repeat(100) });
    expect(status).toBe(401);
    expect(body.code).toBe("unauthenticated");
  });
});

test("a flood over the rate is refused, per sign-in, until time has passed", async () => {
  const slow = await startApi({}, { command: { quota: 10, windowSeconds: 2 } });
  const [token, other] = [await slow.token("patient"), await slow.token("patient2")];
  const body = { name: "chat.send", payload: {} };
  const send = (by: string) => slow.call("POST", "/v1/rooms/chat/demo/commands", { token: by, body });
  const answers = await Promise.all(Array.from({ length: 30 }, () => send(token)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(15);
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(10);
  expect(refused[0]?.body).toMatchObject({ code: "rate_limited", retryAfterMs: expect.any(Number) });
  expect(slow.received.length).toBe(answers.length - refused.length);
  expect((await send(other)).status).toBe(200);
  expect((await slow.call("GET", "/v1/me", { token })).status).toBe(200);
  await slow.close();
});
