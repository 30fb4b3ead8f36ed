import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ApiClientOptions, createApiClient } from "../../client/sdk/api/api-client.ts";
import { sampleRoom } from "./fake-rooms.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let token = "";

beforeAll(async () => {
  api = await startApi();
  token = await api.token("clinician");
  for (let n = 0; n < 5; n += 1) api.rooms.set(`chat:room-${n}`, sampleRoom(n + 1));
});
beforeEach(() => {
  api.received.length = 0;
});
afterAll(() => api.close());

const client = (options: Partial<ApiClientOptions> = {}) =>
  createApiClient({ baseUrl: api.url, token: () => token, clock: noWaiting, ...options });
const noWaiting = {
  now: () => Date.now(),
  random: Math.random,
  after: (_: number, run: () => void) => {
    const timer = setImmediate(run);
    return () => clearImmediate(timer);
  },
};

test("operations are methods with typed input and reply", async () => {
  const me = await client().getMe();
  expect(me.org.id).toBe("demo-clinic");
  const { items } = await client().listMessages({
    params: { kind: "chat", id: "room-4" },
    query: { limit: 2 },
  });
  expect(items.map(({ seq }) => seq)).toEqual([10, 8]);
  await client().setChatMember({ params: { id: "room-4", person: "desk" }, body: { role: "member" } });
  expect(api.received[0]).toMatchObject({ name: "chat.member", payload: { person: "desk", role: "member" } });
});

test("a list is gone through page by page, the way it was begun", async () => {
  const chats: string[] = [];
  for await (const chat of client().pages("listChats", { query: { limit: 2 } })) chats.push(chat.id);
  expect(chats.sort()).toEqual([0, 1, 2, 3, 4].map((n) => `room-${n}`));
  const room = { kind: "chat", id: "room-4" } as const;
  const seqs: number[] = [];
  for await (const { seq } of client().pages("listMessages", { params: room, query: { limit: 2 } }))
    seqs.push(seq);
  expect(seqs).toEqual([10, 8, 6, 4, 2]);
  const upwards: number[] = [];
  const after = { params: room, query: { limit: 2, after: 2 } };
  for await (const { seq } of client().pages("listMessages", after)) upwards.push(seq);
  expect(upwards).toEqual([4, 6, 8, 10]);
});

test("what is made is made once, though the answer is lost", async () => {
  const keys: (string | null)[] = [];
  let lost = 0;
  const losing = client({
    fetch: async (url, init) => {
      keys.push(new Headers(init.headers).get("idempotency-key"));
      const response = await fetch(url, init);
      lost += 1;
      if (lost > 2) return response;
      throw new TypeError("the connection broke");
    },
  });
  const answer = await losing.call("createChat", { body: { title: "A title", members: [] } });
  expect([answer.status, answer.replayed]).toEqual([201, true]);
  expect(api.received).toHaveLength(1);
  expect([keys.length, new Set(keys).size]).toEqual([3, 1]);
});

test("what might be done twice is not sent again", async () => {
  let sent = 0;
  const broken = client({
    fetch: async () => {
      sent += 1;
      throw new TypeError("the connection broke");
    },
  });
  await expect(broken.cancelVisit({ params: { id: "demo" }, body: { reason: "ill" } })).rejects.toMatchObject(
    { code: "unavailable" },
  );
  expect(sent).toBe(1);
  await expect(broken.getMe()).rejects.toMatchObject({ code: "unavailable" });
  expect(sent).toBe(5);
});

test("a problem is an error with its code", async () => {
  const refused = client().getChat({ params: { id: "nowhere" } });
  await expect(refused).rejects.toMatchObject({ name: "HugMeDoError", code: "room_not_found" });
  await expect(client({ token: "nonsense" }).getMe()).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a change of what was changed meanwhile is refused", async () => {
  const admin = client({ token: await api.token("admin") });
  const { etag } = await admin.call("getMediaOrder");
  await admin.setMediaOrder({ body: { order: ["peer"] } }, { ifMatch: etag ?? "" });
  const outdated = admin.setMediaOrder({ body: { order: ["chime"] } }, { ifMatch: etag ?? "" });
  await expect(outdated).rejects.toMatchObject({ code: "precondition_failed" });
});
