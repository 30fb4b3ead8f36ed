import { Client, type Room } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { recordings } from "../../core/protocol/rest-recordings.ts";
import { live, until } from "../sdk/clinic.ts";
import { type ChatEvent, followChat } from "../sdk/stock-client.ts";
import type { Server } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { startTalk } from "./talk.ts";

let cluster: Cluster;
const server = (at: number): Server => cluster.servers[at] ?? expect.fail("There is no such process.");
const session = (at: number, person: string) => cluster.session(server(at), person);
const patience = 120_000;

beforeAll(async () => {
  cluster = await openCluster(2);
}, 300_000);
afterAll(() => cluster?.close());

/** Something of the SDK's that says where its connection stands; it has to stay live. */
function watch(
  ...shown: readonly { on(name: "change", seen: (now: { status: string }) => void): unknown }[]
) {
  const statuses = new Set<string>();
  for (const part of shown) part.on("change", ({ status }) => statuses.add(status));
  return () => [...statuses].filter((status) => status !== "live");
}

/** People in a new chat, each through the process that is named. */
async function chatOf(people: Readonly<Record<string, number>>) {
  const id = await cluster.openChat();
  const sessions = await Promise.all(Object.entries(people).map(([person, at]) => session(at, person)));
  const chats = sessions.map((one) => one.joinChat(id));
  await Promise.all(chats.map(live));
  return { id, chats };
}

describe("a chat that is moved", { timeout: patience }, () => {
  it("goes back and forth under load, and those who are in it notice nothing", async () => {
    const { id, chats } = await chatOf({ clinician: 0, patient: 1, desk: 0 });
    const talk = startTalk(chats, "load");
    const owners: (string | null)[] = [];
    for (let move = 0; move < 4; move += 1) {
      await talk.further(10);
      expect(await cluster.move("chat", id)).toMatchObject({ kind: "chat", id, seats: 3 });
      owners.push((await cluster.ownerOf("chat", id)).process);
    }
    await talk.further(10);
    const acknowledged = await talk.end();
    expect(talk.statuses()).toEqual(["live"]);
    expect(new Set(owners).size).toBe(2);
    const journal = await cluster.journalOf("chat", id);
    const messages = journal.filter(({ type }) => type === "chat.message");
    expect(messages.map(({ seq }) => seq)).toEqual(acknowledged.map(({ seq }) => seq));
    expect(new Set(messages.map(({ epoch }) => epoch)).size).toBe(5);
  });

  it("takes in those who come while it goes", async () => {
    const { id, chats } = await chatOf({ clinician: 0 });
    const [chat] = chats;
    const moving = cluster.move("chat", id);
    const newcomers = await Promise.all([session(1, "patient"), session(0, "desk")]);
    const joined = newcomers.map((newcomer) => newcomer.joinChat(id));
    await Promise.all([moving, ...joined.map(live)]);
    await cluster.move("chat", id);
    await chat?.send("welcome");
    for (const one of joined) await until(one, ({ messages }) => messages.at(-1)?.body === "welcome");
  });

  it("is followed by a client without our SDK, which takes the seat that it is told of", async () => {
    const { id, chats } = await chatOf({ clinician: 0, patient: 1 });
    const client = new Client(server(0).url);
    client.auth.token = await cluster.token(server(0), "desk");
    const shown: ChatEvent[] = [];
    const { joined, room } = followChat(client, id, (event) => shown.push(event));
    await joined;
    const before = room();
    const talk = startTalk(chats, "stock");
    await talk.further(5);
    await cluster.move("chat", id);
    await talk.further(5);
    const acknowledged = await talk.end();
    const wanted = acknowledged.map(({ seq }) => seq);
    const seen = () => shown.filter(({ type }) => type === "chat.message").map(({ seq }) => seq);
    await expect.poll(seen, { timeout: 10_000 }).toEqual(wanted);
    expect(room()).not.toBe(before);
    expect(room().sessionId).toBe(before.sessionId);
    await room().leave();
  });
});

/** A queue with its staff and two patients, who came through different processes. */
async function openQueue() {
  const id = await cluster.openQueue();
  const [staff, first, second] = await Promise.all([
    session(0, "clinician"),
    session(1, "patient"),
    session(0, "patient2"),
  ]);
  const board = staff.runQueue(id);
  await live(board);
  const waiting = [first.joinQueue(id), second.joinQueue(id)] as const;
  for (const one of waiting) {
    await live(one);
    await one.join({ reason: "Cough" });
  }
  const { entries } = await until(board, (shown) => shown.entries.length === 2);
  return { id, board, waiting, entries };
}

const isPresence = ({ type }: { readonly type: string }) =>
  ["queue.wentOffline", "queue.cameBack", "queue.wentAway", "queue.woke"].includes(type);

describe("a queue that is moved", { timeout: patience }, () => {
  it("keeps every place, and nobody counts as gone because of it", async () => {
    const { id, board, waiting, entries } = await openQueue();
    const others = watch(board, ...waiting);
    for (let move = 0; move < 2; move += 1) await cluster.move("waiting", id);
    await board.call(entries[0]?.id ?? "");
    await until(waiting[0], ({ called }) => called !== null);
    await board.prioritise(entries[1]?.id ?? "", "urgent", "worse");
    await until(waiting[1], ({ place }) => place?.place === 1);
    const now = await until(board, (shown) => shown.entries[0]?.id === entries[1]?.id);
    expect(now.entries.map(({ online }) => online)).toEqual([true, true]);
    expect(others()).toEqual([]);
    expect((await cluster.journalOf("waiting", id)).filter(isPresence)).toEqual([]);
  });
});

describe("a visit that is moved", { timeout: patience }, () => {
  it("goes on with its conversation", async () => {
    const id = await cluster.openVisit();
    const [clinician, patient] = await Promise.all([session(0, "clinician"), session(1, "patient")]);
    const [hers, his] = [clinician.joinVisit(id), patient.joinVisit(id)];
    await Promise.all([live(hers), live(his), live(hers.chat), live(his.chat)]);
    await hers.start();
    const others = watch(hers, his);
    const talk = startTalk([hers.chat, his.chat], "visit");
    for (let move = 0; move < 2; move += 1) {
      await talk.further(5);
      expect(await cluster.move("consultation", id)).toMatchObject({ seats: 2 });
    }
    await talk.further(5);
    await talk.end();
    expect([others(), talk.statuses()]).toEqual([[], ["live"]]);
    await hers.hold(true);
    await until(his, ({ held }) => held);
    expect(his.snapshot.participants.every(({ online }) => online)).toBe(true);
    await cluster.journalOf("consultation", id);
  });

  it("goes on being recorded by the same browser, without a gap: its leases come from where the room is now", async () => {
    const id = await cluster.openVisit();
    const enter = async (at: number, person: string): Promise<Room> => {
      const client = new Client(server(at).url);
      client.auth.token = await cluster.token(server(at), person);
      const room = await client.joinOrCreate("consultation", { room: id });
      room.reconnection.enabled = false;
      return room;
    };
    const command = (fields: object = {}) => ({ id: crypto.randomUUID(), ...fields });
    const doctor = await enter(0, "clinician");
    const patient = await enter(1, "patient");
    const capabilities = { backends: ["peer"], audio: true, video: true };
    for (const room of [doctor, patient]) {
      const joining = command({ capabilities });
      await expect.poll(() => answered(room.request("media.join", joining)), soon).toBe(true);
      await room.request("consent.give", command({ what: "recording" }));
    }
    const leased = (room: Room) =>
      new Promise<unknown>((resolve) => room.onMessage("recording.lease", resolve));
    const first = leased(doctor);
    await doctor.request("recording.start", command());
    const lease = recordingLease.parse(await first);
    const report = (room: Room, status: string) =>
      room.request("recording.report", command({ ...lease, status }));
    await report(doctor, "running");

    await cluster.move("consultation", id);
    const [after] = await Promise.all([enter(1, "clinician"), enter(0, "patient")]);
    expect(await leased(after)).toEqual(lease);
    const stopping = new Promise<void>((resolve) =>
      after.onMessage("recording.state", ({ status }) => status === "stopping" && resolve()),
    );
    await after.request("recording.stop", command());
    await stopping;
    await report(after, "uploaded");
    const { items } = recordings.parse(await after.request("recording.list", {}));
    expect(items).toMatchObject([
      { recording: lease.recording, gaps: [], intervals: [{ segment: 1, backend: "peer" }] },
    ]);
    expect(items[0]?.intervals).toHaveLength(1);
    const journal = await cluster.journalOf("consultation", id);
    const types = journal.map(({ type }) => type).filter((type) => type.startsWith("recording."));
    expect(types.slice(0, 4)).toEqual([
      "recording.starting",
      "recording.started",
      "recording.stopping",
      "recording.halted",
    ]);
    const of = (type: string) => journal.find((row) => row.type === type)?.epoch ?? 0;
    expect(of("recording.stopping")).toBeGreaterThan(of("recording.started"));
  });
});

const soon = { timeout: 60_000, interval: 100 };
const recordingLease = z.object({ recording: z.string(), segment: z.number() });

/** Refused, it is asked again. */
function answered(reply: Promise<unknown>): Promise<boolean> {
  return reply.then(
    () => true,
    () => false,
  );
}
