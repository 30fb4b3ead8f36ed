import { beforeEach, describe, expect, test } from "vitest";
import { rejection } from "../../core/domain/errors.ts";
import { AuthSession } from "./auth-session.ts";
import { memoryOutboxStore } from "./chat/outbox-store.ts";
import { Http } from "./http.ts";
import { LiveSession } from "./session.ts";
import { ManualClock, settle } from "./testing/manual-clock.ts";
import { placeAt, StubQueue } from "./testing/stub-queue.ts";
import { StubRoom } from "./testing/stub-room.ts";
import { json, StubServer, tokenOf } from "./testing/stub-server.ts";
import { StubVisit } from "./testing/stub-visit.ts";

const me = {
  id: "me",
  username: "me",
  name: "Me",
  org: { id: "clinic", name: "Clinic" },
  roles: ["patient" as const],
  demo: false,
};

let server: StubServer;
let queues: Map<string, StubQueue>;
let chat: StubRoom;
let visit: StubVisit;
let session: LiveSession;

beforeEach(() => {
  server = new StubServer();
  queues = new Map([
    ["demo", new StubQueue("Demo")],
    ["skin", new StubQueue("Skin")],
  ]);
  chat = new StubRoom();
  visit = new StubVisit();
  visit.people.set("me", { role: "patient", admission: "admitted" });
  const clock = new ManualClock();
  const origin = "https://hugmedo.example";
  const reply = { access_token: tokenOf("me", 1), token_type: "Bearer" as const, expires_in: 600 };
  const auth = new AuthSession(
    { http: new Http(origin, server.fetch), clock, exclusive: (work) => work(), ended: () => undefined },
    reply,
  );
  const page = () => json({ items: [...chat.messages().values()].toReversed(), next: null });
  server.on("/v1/rooms/chat/demo/messages", page);
  server.on("/v1/rooms/consultation/demo/messages", () => json({ items: [], next: null }));
  session = new LiveSession({
    me,
    origin,
    auth,
    openChat: () => chat.open("me"),
    openQueue: (id) => (queues.get(id) ?? new StubQueue()).open("me"),
    openVisit: () => visit.open("me"),
    store: memoryOutboxStore(),
    clock,
    hints: () => () => undefined,
    signOut: () => auth.signOut(),
  });
});

describe("rooms of a session", () => {
  test("are each open once, and anew after they were left", async () => {
    const [waiting, board, joined] = [
      session.joinQueue("demo"),
      session.runQueue("demo"),
      session.joinVisit("demo"),
    ];
    expect(session.joinQueue("demo")).toBe(waiting);
    expect(session.runQueue("demo")).toBe(board);
    expect(session.joinVisit("demo")).toBe(joined);
    await Promise.all([waiting.disconnect(), board.disconnect(), joined.leave()]);
    expect(session.joinQueue("demo")).not.toBe(waiting);
    expect(session.runQueue("demo")).not.toBe(board);
    expect(session.joinVisit("demo")).not.toBe(joined);
  });

  test("a place that moved is found under its new queue", async () => {
    const waiting = session.joinQueue("demo");
    await settle();
    queues.get("skin")?.places.set("me", placeAt(1, 1));
    queues.get("demo")?.place("me", placeAt(2, 1));
    queues.get("demo")?.place("me", {
      ...placeAt(3, 1, { status: "none" }),
      ended: { how: "transferred", at: 1, to: "skin" },
    });
    await settle();
    expect(session.joinQueue("skin")).toBe(waiting);
    expect(session.joinQueue("demo")).not.toBe(waiting);
  });

  test("a visit and a chat of one id keep their unsent messages apart", async () => {
    const busy = (name: string) => (name === "chat.send" ? rejection("busy", undefined, 60_000) : null);
    chat.refuses = busy;
    visit.refuses = busy;
    const [talk, visited] = [session.joinChat("demo"), session.joinVisit("demo")];
    talk.send("to the chat").catch(() => undefined);
    visited.chat.send("to the visit").catch(() => undefined);
    await Promise.all([talk.leave(), visited.leave()]);
    await settle();
    const unsent = async (shown: { readonly snapshot: { readonly outbox: readonly { body: string }[] } }) => {
      await settle();
      return shown.snapshot.outbox.map(({ body }) => body);
    };
    expect(await unsent(session.joinChat("demo"))).toEqual(["to the chat"]);
    expect(await unsent(session.joinVisit("demo").chat)).toEqual(["to the visit"]);
  });

  test("all end with it", async () => {
    const rooms = [session.joinQueue("demo"), session.runQueue("demo"), session.joinVisit("demo")];
    const talk = session.joinChat("demo");
    session.end(rejection("session_ended"));
    for (const { snapshot } of [...rooms, talk])
      expect(snapshot).toMatchObject({ status: "closed", reason: { code: "session_ended" } });
  });

  test("are all left when the person signs out", async () => {
    server.on("/v1/auth/logout", () => new Response(null, { status: 204 }));
    const [waiting, board, joined] = [
      session.joinQueue("demo"),
      session.runQueue("skin"),
      session.joinVisit("demo"),
    ];
    await settle();
    await session.signOut();
    for (const { snapshot } of [waiting, board, joined])
      expect(snapshot).toMatchObject({ status: "closed", reason: null });
    expect([queues.get("demo")?.seated, queues.get("skin")?.seated, visit.seated]).toEqual([0, 0, 0]);
  });
});

describe("lists", () => {
  test("of queues come as they are", async () => {
    const queue = { id: "demo", title: "Demo", opening: "open", nextHours: null, staff: false };
    server.on("/v1/queues", () => json({ items: [queue] }));
    expect(await session.queues()).toEqual([queue]);
  });

  test("of visits come page by page, with what was asked for", async () => {
    const item = (id: string) => ({ id });
    const seen: string[] = [];
    server.on("/v1/visits", ({ query }) => {
      seen.push(query);
      const next = query.includes("after=two") ? null : "two";
      return json({ items: [item(next ? "v1" : "v2")], next });
    });
    expect(await session.visits({ from: 1, to: 2, clinician: "dr" })).toEqual([item("v1"), item("v2")]);
    expect(seen).toEqual([
      "?from=1&to=2&clinician=dr&limit=200",
      "?from=1&to=2&clinician=dr&after=two&limit=200",
    ]);
    await session.visits();
    expect(seen.at(-1)).toBe("?after=two&limit=200");
  });
});
