/**
 * A plain Colyseus server whose rooms move to another such server when they are told to: what the SDK makes of a
 * kept seat is tried on it without any of our own room server. Rooms keep a journal in a file, which is all that a
 * room has of the one before it.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Client, matchMaker, Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import express, { type Request, type Response } from "express";
import { z } from "zod";
import { StubConversation } from "../../client/sdk/testing/stub-conversation.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import { serverMessages, type WireEvent } from "../../core/protocol/events.ts";
import { ChatState } from "../../rooms/state/chat-state.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, journal: { type: "string", default: "." } },
});
type Person = Client<{ auth: { readonly id: string } }>;
const requests = ["chat.send", "chat.react", "chat.read", "chat.resume", "chat.typing"] as const;
const rooms = new Map<string, MovingRoom>();

class MovingRoom extends Room<{ state: ChatState; client: Person }> {
  override state = new ChatState();
  override autoDispose = false;
  silent = false;
  frozen = false;
  #file = "";
  #conversation = new StubConversation((events) => this.#deliver(events));

  static override async onAuth(token: string) {
    return { id: token };
  }

  override onCreate({ room }: { readonly room: string }) {
    this.#file = join(values.journal, `${room}.jsonl`);
    const lines = existsSync(this.#file) ? readFileSync(this.#file, "utf8").split("\n").filter(Boolean) : [];
    this.#conversation.restore(lines.map((line): WireEvent => JSON.parse(line)));
    this.state.assign({ title: room, lastSeq: this.#conversation.lastSeq });
    for (const name of requests)
      this.onMessage(name, (client: Person, payload: unknown) => this.#take(client, name, payload));
    rooms.set(room, this);
  }

  sessions() {
    return this.clients.map(({ sessionId, auth }) => ({ sessionId, auth: { id: auth?.id ?? "" } }));
  }

  /** Tells everyone of their seat, and in it what is `astray`. Whoever stays is sent away after a while. */
  async leaveTo(seats: readonly { readonly sessionId: string }[], astray: object) {
    await this.lock();
    for (const client of [...this.clients]) {
      const seat = seats.find(({ sessionId }) => sessionId === client.sessionId);
      client.send(serverMessages.moved, { seat: { ...seat, ...astray } });
    }
    this.clock.setTimeout(() => this.disconnect(closeCodes.rejoin), 10_000);
  }

  /** What is silent does what it is asked, and loses the answer; what is about to move does nothing. */
  #take(client: Person, name: string, payload: unknown) {
    if (this.frozen) return new Promise(() => undefined);
    const reply = this.#conversation.handle(client.auth?.id ?? "", name, payload);
    return this.silent ? new Promise(() => undefined) : reply;
  }

  #deliver(events: readonly WireEvent[]) {
    for (const event of events) appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
    this.state.lastSeq = events.at(-1)?.seq ?? 0;
    if (!this.silent) this.broadcast(serverMessages.events, events);
  }
}

const sessions = z.array(z.object({ sessionId: z.string(), auth: z.object({ id: z.string() }) }));
const adopted = z.object({ room: z.string(), sessions });
const told = z.object({
  room: z.string(),
  /** Where to, as a URL. */
  to: z.string(),
  /** Names another place in the seats than where they are. */
  astray: z.record(z.string(), z.string()).default({}),
});

/** Makes the room here, and keeps a seat for everyone under their session. */
async function adopt({ body }: Request, response: Response) {
  const { room, sessions } = adopted.parse(body);
  const listing = await matchMaker.createRoom("chat", { room });
  const seats = sessions.map(({ sessionId, auth }) => ({ sessionId, auth, options: {} }));
  await matchMaker.reserveMultipleSeatsFor(listing, seats);
  response.json(seats.map(({ sessionId }) => matchMaker.buildSeatReservation(listing, sessionId)));
}

async function move({ body }: Request, response: Response) {
  const { room, to, astray } = told.parse(body);
  const here = rooms.get(room);
  if (here) here.frozen = true;
  const answer = await fetch(`${to}/adopt`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ room, sessions: here?.sessions() ?? [] }),
  });
  const seats = z.array(z.looseObject({ sessionId: z.string() })).parse(await answer.json());
  await here?.leaveTo(seats, astray);
  response.json({});
}

const server = new Server({
  greet: false,
  transport: new WebSocketTransport(),
  publicAddress: `localhost:${values.port}`,
  express: (app) => {
    app.use(express.json());
    app.post("/adopt", adopt);
    app.post("/move", move);
    app.post("/silence/:room", ({ params }, response) => {
      const room = rooms.get(params.room);
      if (room) room.silent = true;
      response.json({});
    });
    app.get("/sessions/:room", ({ params }, response) => {
      response.json(rooms.get(params.room)?.sessions() ?? []);
    });
  },
});
server.define("chat", MovingRoom).filterBy(["room"]);
await server.listen(Number(values.port), "127.0.0.1");
console.log(`Listening on http://localhost:${values.port}`);
process.on("SIGTERM", () => process.exit());
