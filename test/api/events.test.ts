import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DomainEvent } from "../../core/domain/feature.ts";
import { publicTypes } from "../../core/protocol/rest-events.ts";
import type { WrittenRoom } from "../persistence/written-room.ts";
import { type ApiFixture, startApi } from "./start-api.ts";

let api: ApiFixture;
let admin: string;
let visit: WrittenRoom;
let chat: WrittenRoom;
beforeAll(async () => {
  api = await startApi();
  admin = await api.token("admin");
  visit = await api.paper.room({ kind: "consultation", id: "v1" }, "demo-clinic");
  chat = await api.paper.room({ kind: "chat", id: "c1" }, "demo-clinic");
  const foreign = await api.paper.room({ kind: "chat", id: "foreign" }, "other");
  await write(visit, {
    type: "visit.created",
    patient: { person: "patient", name: "花" },
    clinician: null,
    reason: "頭痛",
    schedule: null,
  });
  await write(chat, { type: "chat.message", id: "m1", body: "こんにちは" }, { type: "chat.read", seq: 1 });
  await write(foreign, { type: "chat.message", id: "m2", body: "よその話" });
  await write(
    visit,
    { type: "visit.started" },
    { type: "visit.ended", outcome: "completed", reason: "ひみつ" },
  );
}, 120_000);
afterAll(() => api.close());

async function write(room: WrittenRoom, ...events: (DomainEvent & Record<string, unknown>)[]): Promise<void> {
  const part = room.part(events.map((event) => ({ at: 5, by: "clinician", event })));
  expect(await api.paper.journal.append([part])).toEqual(["appended"]);
}

const list = (query = "") => api.call("GET", `/v1/events${query}`, { token: admin });

describe("the feed of events", () => {
  it("has an organisation's events in order, without names and texts", async () => {
    const { body, text } = await list();
    expect(body).toMatchObject({ more: false, next: expect.any(String) });
    expect(body.items).toMatchObject([
      {
        id: "consultation_v1_1",
        type: "visit.created",
        version: 1,
        at: 5,
        org: "demo-clinic",
        room: { kind: "consultation", id: "v1" },
        seq: 1,
        actor: "clinician",
        data: { patient: { person: "patient" }, clinician: null, schedule: null },
      },
      { id: "chat_c1_1", type: "chat.message", data: { id: "m1" } },
      { id: "consultation_v1_2", type: "visit.started", data: {} },
      { id: "consultation_v1_3", type: "visit.ended", data: { outcome: "completed" } },
    ]);
    expect(text).not.toMatch(/花|頭痛|こんにちは|よその話|ひみつ|foreign/);
  });

  it("goes on from any cursor it gave out, page by page", async () => {
    const seen: string[] = [];
    for (let after = "", more = true; more; ) {
      const { body } = await list(`?limit=1${after}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.items[0]) expect(body.next).toBe(body.items[0].cursor);
      after = `&after=${body.next}`;
      more = body.more;
    }
    expect(seen).toEqual(["consultation_v1_1", "chat_c1_1", "consultation_v1_2", "consultation_v1_3"]);
    const { body } = await list();
    const rest = await list(`?after=${body.items[1].cursor}`);
    expect(rest.body.items).toEqual(body.items.slice(2));
    const nothing = await list(`?after=${body.next}`);
    expect(nothing.body).toEqual({ items: [], next: body.next, more: false });
  });

  it("has the types that are asked for", async () => {
    const ids = async (types: string) =>
      (await list(`?types=${types}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids("visit.*")).toEqual(["consultation_v1_1", "consultation_v1_2", "consultation_v1_3"]);
    expect(await ids("chat.message,visit.ended")).toEqual(["chat_c1_1", "consultation_v1_3"]);
    expect(await ids("queue.*")).toEqual([]);
  });

  it.each([
    "after=x",
    "after=MS4xLg",
    "after=MS45OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjE",
    "types=chat.read",
    "types=",
    "types=nothing.*",
    "limit=0",
    "limit=501",
  ])("refuses %s", async (query) => {
    expect((await list(`?${query}`)).body).toMatchObject({ code: "invalid_payload" });
  });

  it("is for administrators and integrators", async () => {
    for (const who of ["patient", "clinician", "desk", "operator", "auditor"]) {
      const token = await api.token(who);
      expect((await api.call("GET", "/v1/events", { token })).body).toMatchObject({ code: "forbidden" });
      expect((await api.call("GET", "/v1/events/stream", { token })).body).toMatchObject({
        code: "forbidden",
      });
    }
  });
});

/** Reads a stream's blocks until there are as many as are wanted. */
async function open(query: string, token: string, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(`${api.url}/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: stop.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const next = async (): Promise<Record<string, string> | null> => {
    while (!rest.includes("\n\n")) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done) return null;
      rest += value;
    }
    const [block = ""] = rest.split("\n\n", 1);
    rest = rest.slice(block.length + 2);
    return Object.fromEntries(
      block.split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
    );
  };
  return { response, next, close: () => stop.abort() };
}

describe("events as they happen", () => {
  it("come as server-sent events that no proxy holds back, and go on where a client was", async () => {
    const stream = await open("?types=visit.*", admin);
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    expect(Number((await stream.next())?.retry)).toBeGreaterThanOrEqual(2_000);
    await write(visit, { type: "visit.held", on: true });
    const first = await stream.next();
    expect(first).toMatchObject({ event: "visit.held", id: expect.any(String) });
    expect(JSON.parse(first?.data ?? "")).toMatchObject({ seq: 4, data: { on: true }, cursor: first?.id });
    stream.close();

    await write(visit, { type: "visit.held", on: false });
    const again = await open("?types=visit.*", admin, { "last-event-id": first?.id ?? "" });
    await again.next();
    expect(JSON.parse((await again.next())?.data ?? "")).toMatchObject({ seq: 5 });
    again.close();
  });

  it("end with the session", async () => {
    const own = await api.identity.signIn({
      username: "admin",
      password: "demo-admin",
      address: "192.0.2.1",
    });
    const stream = await open("", own.accessToken);
    await stream.next();
    await api.identity.sessions.endByToken(own.refreshToken);
    expect(await stream.next()).toBeNull();
  });

  it("are a few streams for each: the oldest gives way", async () => {
    const streams = [];
    for (let i = 0; i < 6; i += 1) {
      const stream = await open("", admin);
      await stream.next();
      streams.push(stream);
    }
    expect(await streams[0]?.next()).toBeNull();
    await write(visit, { type: "visit.held", on: true });
    for (const stream of streams.slice(1)) {
      expect(await stream.next()).toMatchObject({ event: "visit.held" });
      stream.close();
    }
  });
});

it("every public type is explained in docs/events.md", async () => {
  const { readFileSync } = await import("node:fs");
  const docs = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  const explained = [...docs.matchAll(/`((?:chat|queue|visit|consent|media|recording)\.[A-Za-z]+)`/g)].map(
    ([, type]) => type,
  );
  expect([...new Set(explained)].sort()).toEqual(publicTypes.toSorted());
});
