import type { Client } from "@colyseus/core";
import WebSocket from "ws";
import type { Principal } from "../../core/domain/principal.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { Cork } from "./cork.ts";
import { messageFrame } from "./frames.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Here, Personal } from "./room-view.ts";

export type RoomClient = Client<{ auth: Principal; userData: RateLimit }>;

/** What may wait for a connection that does not read; beyond it the connection is dropped. */
const slowBytes = 4 * 1024 * 1024;

/** The connections of a room by person, and who of them is inside. */
export class Crowd implements Here {
  readonly #log: () => Logger;
  readonly #people = new Map<string, Set<RoomClient>>();
  readonly #inside = new Set<RoomClient>();
  readonly #cork = new Cork();

  constructor(log: () => Logger) {
    this.#log = log;
  }

  has(person: string): boolean {
    return this.#people.has(person);
  }

  keys(): Iterable<string> {
    return this.#people.keys();
  }

  of(person: string): readonly RoomClient[] {
    return [...(this.#people.get(person) ?? [])];
  }

  /** True: the person's first connection. */
  add(client: RoomClient, person: string): boolean {
    const seats = this.#people.get(person) ?? new Set();
    this.#people.set(person, seats.add(client));
    return seats.size === 1;
  }

  /** True: the person's last connection. */
  remove(client: RoomClient, person: string): boolean {
    this.#inside.delete(client);
    const seats = this.#people.get(person);
    seats?.delete(client);
    return seats?.size === 0 && this.#people.delete(person);
  }

  /** A connection that is back is another client to Colyseus, with the seat of the one that broke. */
  replace(client: RoomClient, person: string): void {
    const seats = this.#people.get(person);
    for (const broken of this.of(person)) {
      if (broken.sessionId !== client.sessionId) continue;
      seats?.delete(broken);
      seats?.add(client);
      if (this.#inside.delete(broken)) this.#inside.add(client);
    }
  }

  isInside(client: RoomClient): boolean {
    return this.#inside.has(client);
  }

  letIn(client: RoomClient): void {
    this.#inside.add(client);
  }

  inside(): RoomClient[] {
    return [...this.#inside];
  }

  sendInside(frame: Buffer): void {
    for (const client of this.#inside) this.#send(client, frame);
  }

  tell(messages: readonly Personal[]): void {
    for (const { person, name, payload } of messages) {
      const clients = this.#people.get(person);
      if (!clients) continue;
      const frame = messageFrame(name, payload);
      for (const client of clients) this.#send(client, frame);
    }
  }

  /** The answer to one connection. Whoever asks and does not read is slow like any other. */
  answer(client: RoomClient, frame: Buffer): void {
    if (!this.#dropped(client)) client.raw(frame);
  }

  #send(client: RoomClient, frame: Buffer): void {
    if (this.#dropped(client)) return;
    const socket: unknown = client.ref;
    if (socket instanceof WebSocket) this.#cork.hold(socket);
    client.enqueueRaw(frame);
  }

  /** Whether too much waits for it already. */
  #dropped(client: RoomClient): boolean {
    const socket: unknown = client.ref;
    if (!(socket instanceof WebSocket) || socket.bufferedAmount <= slowBytes) return false;
    this.#log().warn({ sessionId: client.sessionId }, "a connection that does not read was dropped");
    socket.terminate();
    return true;
  }
}
