import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  api = await startApi();
  for (const who of ["clinician", "clinician2", "patient", "operator"]) tokens[who] = await api.token(who);
  const guest = { id: "mai", org: "demo-clinic", name: "Mai", expiresAt: api.clock.time + 3_600_000 };
  tokens.guest = (await api.identity.guests.open(guest)).accessToken;
});
beforeEach(() => {
  api.rooms.clear();
  api.received.length = 0;
  api.answers.length = 0;
});
afterAll(() => api.close());

const as = (who: string) => ({ token: tokens[who] ?? "" });

describe("POST /v1/chats", () => {
  const chat = { title: "予約", members: [{ person: "patient", role: "member" }] };

  test("makes a chat whose maker is its administrator", async () => {
    const { status, body, headers } = await api.call("POST", "/v1/chats", { ...as("clinician"), body: chat });
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.stringMatching(/^[a-z0-9-]{1,32}$/), seq: 1, at: 1_000 });
    expect(headers.get("location")).toBe(`/v1/chats/${body.id}`);
    expect(api.received).toMatchObject([
      {
        by: { id: "clinician", org: "demo-clinic" },
        ref: { kind: "chat" },
        name: "chat.create",
        payload: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          title: "予約",
          members: [
            { person: "clinician", role: "admin" },
            { person: "patient", role: "member" },
          ],
        },
      },
    ]);
  });

  test("passes on the caller's id and subject, and keeps the maker an administrator", async () => {
    const body = {
      id: "my-own-id-1",
      title: "  trimmed ",
      members: [{ person: "clinician", role: "observer" }],
      subject: "patient",
    };
    await api.call("POST", "/v1/chats", { ...as("clinician"), body });
    expect(api.received[0]?.payload).toEqual({
      id: "my-own-id-1",
      title: "trimmed",
      members: [{ person: "clinician", role: "admin" }],
      subject: "patient",
    });
  });

  test.each(["patient", "operator", "guest"])("is not for %s", async (who) => {
    const { status, body } = await api.call("POST", "/v1/chats", { ...as(who), body: chat });
    expect(status).toBe(403);
    expect(body.code).toBe("forbidden");
    expect(api.received).toEqual([]);
  });

  test("needs a sign-in", async () => {
    expect((await api.call("POST", "/v1/chats", { body: chat })).body.code).toBe("unauthenticated");
  });

  test.each<[string, unknown]>([
    ["no title", { members: [] }],
    ["an empty title", { ...chat, title: " " }],
    ["a title that is too long", { ...chat, title: "x".repeat(201) }],
    ["no members", { title: "x" }],
    ["a role that is none", { ...chat, members: [{ person: "patient", role: "owner" }] }],
    ["an id that is none", { ...chat, members: [{ person: "../x", role: "member" }] }],
    ["the same person twice", { ...chat, members: [...chat.members, ...chat.members] }],
    ["too many members", { ...chat, members: Array(500).fill(chat.members[0]) }],
    ["a short id", { ...chat, id: "short" }],
    ["another field", { ...chat, org: "other" }],
    ["another field of a member", { ...chat, members: [{ ...chat.members[0], name: "X" }] }],
  ])("%s is not of the form", async (_, body) => {
    const answer = await api.call("POST", "/v1/chats", { ...as("clinician"), body });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });

  test("passes on what the room refuses", async () => {
    api.answers.push(new DomainError("person_not_found"));
    const { status, body } = await api.call("POST", "/v1/chats", { ...as("clinician"), body: chat });
    expect(status).toBe(422);
    expect(body.code).toBe("person_not_found");
  });
});

describe("GET /v1/chats", () => {
  test("is not for guests, not even where one is a member", async () => {
    const room = sampleRoom(1);
    api.rooms.set("chat:theirs", { ...room, members: [{ person: "mai", name: "Mai", role: "member" }] });
    const { status, body } = await api.call("GET", "/v1/chats", as("guest"));
    expect(status).toBe(403);
    expect(body.code).toBe("forbidden");
  });

  test("lists mine with what a list shows, latest first", async () => {
    api.rooms.set("chat:older", sampleRoom(1));
    api.rooms.set("chat:newer", sampleRoom(3));
    api.rooms.set("chat:empty", sampleRoom(0));
    api.rooms.set("chat:another", { ...sampleRoom(2), members: [] });
    const { body } = await api.call("GET", "/v1/chats", as("patient"));
    expect(body.next).toBeNull();
    expect(body.items.map((chat: { id: string }) => chat.id)).toEqual(["newer", "older", "empty"]);
    expect(body.items[0]).toEqual({
      id: "newer",
      title: "予約の相談",
      role: "member",
      members: sampleRoom(0).members,
      unread: 1,
      last: expect.objectContaining({ seq: 6, body: "message 2" }),
    });
    expect(body.items[2].last).toBeNull();
  });

  test("pages join without gaps or repeats", async () => {
    for (let i = 0; i < 7; i += 1) api.rooms.set(`chat:c${i}`, sampleRoom(i % 3));
    const all = (await api.call("GET", "/v1/chats", as("patient"))).body.items;
    const seen: unknown[] = [];
    let next: string | null = "";
    while (next !== null) {
      const { body }: { body: { items: unknown[]; next: string | null } } = await api.call(
        "GET",
        `/v1/chats?limit=3${next && `&after=${next}`}`,
        as("patient"),
      );
      expect(body.items.length).toBeLessThanOrEqual(3);
      seen.push(...body.items);
      next = body.next;
    }
    expect(all).toHaveLength(7);
    expect(seen).toEqual(all);
  });

  test("counts unread messages up to 99", async () => {
    api.rooms.set("chat:busy", sampleRoom(300));
    expect((await api.call("GET", "/v1/chats", as("patient"))).body.items[0].unread).toBe(99);
  });

  test.each(["after=x", "after=e30", "limit=0", "limit=x"])("?%s is not of the form", async (query) => {
    expect((await api.call("GET", `/v1/chats?${query}`, as("patient"))).body.code).toBe("invalid_payload");
  });
});

describe("one chat", () => {
  beforeEach(() => {
    api.rooms.set("chat:mine", sampleRoom(2));
  });

  test("GET /v1/chats/:id", async () => {
    const { body } = await api.call("GET", "/v1/chats/mine", as("patient"));
    expect(body).toMatchObject({ id: "mine", title: "予約の相談", role: "member" });
  });

  test("GET /v1/chats/:id/members", async () => {
    const { body } = await api.call("GET", "/v1/chats/mine/members", as("patient"));
    expect(body.items).toEqual(sampleRoom(0).members);
  });

  test.each(["/v1/chats/mine", "/v1/chats/mine/members"])(
    "%s: an outsider sees what is not there",
    async (path) => {
      const outside = await api.call("GET", path, as("clinician2"));
      const missing = await api.call("GET", path.replace("mine", "none"), as("clinician2"));
      expect(outside.status).toBe(404);
      expect(outside.body.code).toBe("room_not_found");
      expect({ ...outside.body, instance: "" }).toEqual({ ...missing.body, instance: "" });
    },
  );

  test.each(["Mine", "mine%00", "a.b", "x".repeat(33), "..%2Fmine", "%20"])("/%s is no id", async (id) => {
    const { status, body } = await api.call("GET", `/v1/chats/${id}`, as("patient"));
    expect(status).toBe(400);
    expect(body.code).toBe("invalid_payload");
  });
});

describe("members", () => {
  const path = "/v1/chats/mine/members/patient2";

  test("PUT is the room's chat.member", async () => {
    const { status, body } = await api.call("PUT", path, { ...as("clinician"), body: { role: "observer" } });
    expect(status).toBe(200);
    expect(body).toEqual({ seq: 1, at: 1_001 });
    expect(api.received).toMatchObject([
      {
        by: { id: "clinician" },
        ref: { kind: "chat", id: "mine" },
        name: "chat.member",
        payload: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), person: "patient2", role: "observer" },
      },
    ]);
  });

  test("DELETE is the room's chat.member with no role", async () => {
    const { status } = await api.call("DELETE", `${path}?id=remove-it-once`, as("clinician"));
    expect(status).toBe(200);
    expect(api.received[0]).toMatchObject({
      name: "chat.member",
      payload: { id: "remove-it-once", person: "patient2", role: null },
    });
  });

  test("what the room refuses is passed on", async () => {
    api.answers.push(
      new DomainError("last_admin"),
      new DomainError("forbidden"),
      new DomainError("room_not_found"),
    );
    for (const code of ["last_admin", "forbidden", "room_not_found"]) {
      const { body } = await api.call("DELETE", path, as("clinician"));
      expect(body.code).toBe(code);
    }
  });

  test.each<[string, string, unknown]>([
    ["PUT", path, {}],
    ["PUT", path, { role: "owner" }],
    ["PUT", path, { role: null }],
    ["PUT", path, { role: "member", id: "x" }],
    ["PUT", "/v1/chats/mine/members/No_Id", { role: "member" }],
    ["DELETE", `${path}?id=x`, undefined],
    ["DELETE", "/v1/chats/mine/members/No_Id", undefined],
  ])("%s %s with %j is not of the form", async (method, where, body) => {
    const answer = await api.call(method, where, { ...as("clinician"), body });
    expect(answer.body.code).toBe("invalid_payload");
    expect(api.received).toEqual([]);
  });
});
