import { Client } from "@colyseus/sdk";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LiveChat } from "../../client/sdk/chat/live-chat.ts";
import { memoryOutboxStore } from "../../client/sdk/chat/outbox-store.ts";
import { colyseusRoom } from "../../client/sdk/connection/colyseus.ts";
import { RoomConnection } from "../../client/sdk/connection/room-connection.ts";
import { type ChatSnapshot, HugMeDo, type ResumedEvent, type Session } from "../../client/sdk/index.ts";
import type { Clock } from "../../client/sdk/lib/clock.ts";
import { type Server, startServer } from "../support/server.ts";
import { live, until } from "./clinic.ts";

let server: Server;
const sessions: Session[] = [];

beforeAll(async () => {
  server = await startServer();
}, 90_000);
afterAll(() => server.dispose());
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.signOut().catch(() => undefined)));
});

async function signIn(username: string): Promise<Session> {
  const session = await HugMeDo.signIn({ url: server.url, username, password: `demo-${username}` });
  sessions.push(session);
  return session;
}

/** A chat of its own for a test: the clinician's, with the patient. */
async function chatOfTwo() {
  const [clinician, patient] = await Promise.all([signIn("clinician"), signIn("patient")]);
  const { id } = await clinician.createChat({
    title: "Test",
    members: [{ person: "patient", role: "member" }],
  });
  return { id, clinician, patient };
}

const bodies = ({ messages }: ChatSnapshot) => messages.map(({ body }) => body);
const settled = (count: number) => (snapshot: ChatSnapshot) =>
  snapshot.status === "live" && snapshot.messages.length === count && snapshot.outbox.length === 0;

test("two people talk, see who is there, who types and who has read", async () => {
  const { id, clinician, patient } = await chatOfTwo();
  const [hers, his] = [clinician.joinChat(id), patient.joinChat(id)];
  await Promise.all([live(hers), live(his)]);
  expect(patient.joinChat(id)).toBe(his);
  const { seq } = await his.send("こんにちは");
  await until(hers, ({ messages }) => messages.length === 1);
  await hers.send("Good morning.", { replyTo: seq });
  await hers.react(seq, "👍", true);
  await his.edit(seq, "こんばんは");
  his.typing(true);
  await until(hers, ({ typing }) => typing.includes("patient"));
  hers.markRead(seq);
  const shown = await until(his, ({ cursors }) => cursors.clinician === seq);
  expect(shown).toMatchObject({ title: "Test", me: "patient", myRole: "member", outbox: [] });
  expect(shown.messages).toMatchObject([
    { body: "こんばんは", editedAt: expect.any(Number), reactions: { "👍": ["clinician"] } },
    { body: "Good morning.", replyTo: seq },
  ]);
  expect(shown.members).toMatchObject([
    { person: "clinician", role: "admin", online: true },
    { person: "patient", role: "member", online: true },
  ]);
  expect((await patient.chats()).find((chat) => chat.id === id)).toMatchObject({ unread: 1 });
});

test("history is loaded page by page", async () => {
  const { id, clinician, patient } = await chatOfTwo();
  const hers = clinician.joinChat(id);
  const written = Array.from({ length: 60 }, (_, n) => `${n}`);
  await Promise.all(written.map((body) => hers.send(body)));
  const his = patient.joinChat(id);
  await live(his);
  expect(bodies(his.snapshot)).toEqual(written.slice(10));
  await his.loadOlder();
  expect(bodies(his.snapshot)).toEqual(written);
  expect(his.snapshot.hasOlder).toBe(false);
}, 20_000);

test("a chat that is not mine, or no more, is closed with the reason", async () => {
  const { id, clinician, patient } = await chatOfTwo();
  const closed = { status: "closed", reason: { code: "room_not_found" } };
  for (const unknown of ["nowhere", "No Such Id!"])
    expect(await until(patient.joinChat(unknown), ({ status }) => status === "closed")).toMatchObject(closed);
  const his = patient.joinChat(id);
  await live(his);
  await clinician.joinChat(id).setMember("patient", null);
  expect(await until(his, ({ status }) => status === "closed")).toMatchObject(closed);
  await expect(his.send("let me in")).rejects.toMatchObject({ code: "room_not_found" });
});

test("what may not be done is refused, and what was written is kept to be seen", async () => {
  const { id, clinician, patient } = await chatOfTwo();
  const his = patient.joinChat(id);
  const { seq } = await clinician.joinChat(id).send("hers");
  await expect(his.edit(seq, "his")).rejects.toMatchObject({ name: "HugMeDoError", code: "forbidden" });
  await clinician.joinChat(id).setMember("patient", "observer");
  await expect(his.send("too late")).rejects.toMatchObject({ code: "forbidden" });
  expect(his.snapshot.outbox).toMatchObject([{ body: "too late", status: "refused" }]);
});

test("a server that is killed loses nothing that was written before, meanwhile and after", async () => {
  const { id, clinician, patient } = await chatOfTwo();
  const [hers, his] = [clinician.joinChat(id), patient.joinChat(id)];
  const events: ResumedEvent[] = [];
  hers.on("event", (event) => events.push(event));
  await Promise.all([live(hers), live(his)]);
  await his.send("before");
  const under = [his.send("under way 1"), his.send("under way 2")];
  await server.kill();
  await until(his, ({ status }) => status !== "live");
  under.push(his.send("meanwhile"));
  await server.start();
  await Promise.all(under);
  await his.send("after");
  const written = ["before", "under way 1", "under way 2", "meanwhile", "after"];
  expect(bodies(await until(hers, settled(5)))).toEqual(written);
  expect(bodies(await until(his, settled(5)))).toEqual(written);
  expect(events.map((event) => "body" in event && event.body)).toEqual(written);
}, 60_000);

test("a session that is ended closes its chats and says so", async () => {
  const { fetch } = globalThis;
  let refreshToken = "";
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const reply = await response
      .clone()
      .json()
      .catch(() => null);
    refreshToken = reply?.refresh_token ?? refreshToken;
    return response;
  };
  const session = await signIn("desk");
  globalThis.fetch = fetch;
  const told = new Promise((resolve) => session.on("signedOut", resolve));
  const chat = session.joinChat("demo");
  await live(chat);
  await fetch(`${server.url}/v1/auth/logout`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh_token: refreshToken }),
  });
  expect(await told).toMatchObject({ code: "session_ended" });
  expect(chat.snapshot).toMatchObject({ status: "closed", reason: { code: "session_ended" } });
  await expect(session.chats()).rejects.toMatchObject({ code: "session_ended" });
});

test("a server that is frozen is noticed, and taken up when it wakes", async () => {
  const speed = 20;
  const fast: Clock = {
    now: () => performance.now() * speed,
    random: Math.random,
    after: (ms, run) => {
      const timer = setTimeout(run, ms / speed);
      return () => clearTimeout(timer);
    },
  };
  const response = await fetch(`${server.url}/v1/auth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "patient2", password: "demo-patient2" }),
  });
  const { access_token } = await response.json();
  const tokens = { token: async () => access_token, renew: async () => access_token };
  const open = colyseusRoom(new Client(server.url), tokens, "chat", "demo");
  const chat = new LiveChat({
    id: "demo",
    scope: { origin: server.url, person: "patient2", chat: "demo" },
    connect: (host) => new RoomConnection({ open, host, clock: fast, hints: () => () => undefined }),
    readAhead: true,
    history: async () => ({ items: [], next: null }),
    store: memoryOutboxStore(),
    clock: fast,
    closed: () => undefined,
  });
  const statuses: string[] = [];
  chat.on("status", (status) => statuses.push(status));
  await live(chat);
  server.pause();
  const sent = chat.send("into the silence");
  await until(chat, ({ status }) => status === "offline");
  server.resume();
  await sent;
  expect(bodies(await until(chat, settled(1)))).toEqual(["into the silence"]);
  expect(statuses).toEqual(["live", "recovering", "offline", "recovering", "live"]);
  await chat.leave();
}, 30_000);
