import { once } from "node:events";
import { createServer } from "node:http";
import { Encoder } from "@colyseus/schema";
import { expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { DomainError, toRejection } from "../../../core/domain/errors.ts";
import { messageFrame, readFrame, rejectionFrame, replyFrame } from "../../../rooms/socket/frames.ts";
import { ChatState } from "../../../rooms/state/chat-state.ts";
import type { MemberListener } from "./attendee.ts";
import { Member } from "./member.ts";

interface Request {
  readonly requestId: number;
  readonly name: string;
  readonly payload: { readonly id?: string; readonly body?: string; readonly after?: number };
}

/** One seat at a server of the test's own: what comes in, and what is sent there. */
interface Seat {
  readonly socket: WebSocket;
  request(): Promise<Request>;
  reply(to: Request, payload: object): void;
  send(name: string, payload: unknown): void;
}

/** A server that takes whoever comes; its room is at `lastSeq`. */
async function openServer(lastSeq: () => number) {
  const http = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ sessionId: "s", roomId: "r", processId: "p" }));
  });
  const server = new WebSocketServer({ server: http });
  const waiting: ((seat: Seat) => void)[] = [];
  server.on("connection", (socket) => {
    const requests: Request[] = [];
    let asked: ((request: Request) => void) | null = null;
    socket.on("message", (data: Buffer) => {
      if (data[0] === 10) {
        const state = new ChatState();
        state.lastSeq = lastSeq();
        socket.send(Buffer.concat([Buffer.of(14), new Encoder(state).encodeAll()]));
        waiting.shift()?.({
          socket,
          request: async () =>
            requests.shift() ?? (await new Promise<Request>((resolve) => (asked = resolve))),
          reply: ({ requestId }, payload) => socket.send(replyFrame(requestId, payload)),
          send: (name, payload) => socket.send(messageFrame(name, payload)),
        });
        return;
      }
      const message = readFrame(data);
      if (!message || "unreadable" in message) return;
      const { requestId, name, payload } = message;
      const request = { requestId: requestId ?? 0, name, payload: { ...(payload ?? {}) } };
      if (asked) asked(request);
      else requests.push(request);
      asked = null;
    });
    socket.send(Buffer.of(10));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    http.close();
  });
  const address = http.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    /** The next seat that is taken. */
    seat: () => new Promise<Seat>((resolve) => waiting.push(resolve)),
  };
}

function listen() {
  const heard: string[] = [];
  const waiting: { readonly line: string; readonly resolve: () => void }[] = [];
  const say = (line: string) => {
    heard.push(line);
    for (const one of waiting) if (one.line === line) one.resolve();
  };
  const listener: MemberListener = {
    message: (body) => say(`message ${body}`),
    acknowledged: (id) => say(`acknowledged ${id}`),
    told: () => say("told"),
    seated: (how) => say(how),
    lost: (code) => say(`lost ${code}`),
    fault: (what) => say(`FAULT ${what}`),
    count: (what) => say(what),
  };
  const until = (line: string) =>
    heard.includes(line)
      ? Promise.resolve()
      : new Promise<void>((resolve) => waiting.push({ line, resolve }));
  return { listener, heard, until };
}

const event = (seq: number, body: string) => ({ type: "chat.message", seq, prev: seq - 1, body });
const kept = (publicAddress: string) => ({
  seat: { name: "chat", sessionId: "s", roomId: "r2", processId: "q", publicAddress },
});

test("a room that moves is followed: the unanswered goes again, the missed is asked for, each comes once", async () => {
  const here = await openServer(() => 5);
  const there = await openServer(() => 8);
  const { listener, heard, until } = listen();
  const member = new Member({ url: here.url, room: "x" }, () => "", listener);
  const seated = here.seat();
  await member.join();
  const first = await seated;
  first.send("events", [event(6, "six")]);
  member.send("command-1", "mine");
  const lost = await first.request();
  expect(lost).toMatchObject({ name: "chat.send", payload: { id: "command-1", body: "mine" } });

  const next = there.seat();
  const dropped = once(first.socket, "close");
  first.send("room.moved", kept(there.address));
  const second = await next;
  const requests = [await second.request(), await second.request()];
  expect(requests).toMatchObject([
    { name: "chat.resume", payload: { after: 6 } },
    { name: "chat.send", payload: { id: "command-1", body: "mine" } },
  ]);
  expect((await dropped)[0]).toBe(4_000);
  const [resume, again] = requests;
  if (!resume || !again) throw new Error("It asked for nothing.");
  // The next event is here before what was missed.
  second.send("events", [event(9, "mine")]);
  second.reply(resume, { events: [event(7, "seven"), event(8, "eight")], lastSeq: 8, more: false });
  const more = await second.request();
  expect(more).toMatchObject({ name: "chat.resume", payload: { after: 8 } });
  second.reply(more, { events: [event(9, "mine")], lastSeq: 9, more: false });
  second.reply(again, { seq: 9, at: 1 });
  await until("acknowledged command-1");
  expect(member.unanswered).toBe(0);
  expect(heard).toEqual([
    "joined",
    "message six",
    "told",
    "resumes",
    "message seven",
    "message eight",
    "resumes",
    "message mine",
    "moved",
    "acknowledged command-1",
  ]);
});

test("a connection that is lost is taken up elsewhere, and a seat that is not to be had is no end", async () => {
  const here = await openServer(() => 5);
  const there = await openServer(() => 5);
  const { listener, heard, until } = listen();
  const member = new Member({ url: here.url, room: "x" }, () => there.url, listener);
  const seated = here.seat();
  await member.join();
  const first = await seated;
  const next = there.seat();
  member.send("command-1", "mine");
  await first.request();
  first.socket.terminate();
  const second = await next;
  const again = await second.request();
  expect(again).toMatchObject({ name: "chat.send", payload: { id: "command-1" } });
  const third = there.seat();
  second.send("room.moved", kept("127.0.0.1:1"));
  const last = await third;
  const busy = await last.request();
  last.socket.send(rejectionFrame(busy.requestId, toRejection(new DomainError("busy"))));
  const patient = await last.request();
  expect(patient.payload.id).toBe("command-1");
  last.reply(patient, { seq: 6, at: 1 });
  await until("acknowledged command-1");
  expect(heard).toEqual([
    "joined",
    "lost 1006",
    "rejoined",
    "told",
    "lost 0",
    "rejoined",
    "retries",
    "acknowledged command-1",
  ]);
});
