import type { Client } from "@colyseus/core";
import { WebSocket } from "ws";

/** A client that answers needs a moment to say good-bye; one that does not is cut off. */
const farewellMs = 500;

/** The process's connections by sign-in, so that an ended session ends them. */
export class Connections {
  readonly #bySession = new Map<string, Set<Client>>();
  #empty = Promise.withResolvers<void>();

  add(session: string, client: Client): void {
    const clients = this.#bySession.get(session);
    if (clients) clients.add(client);
    else this.#bySession.set(session, new Set([client]));
  }

  remove(session: string, client: Client): void {
    const clients = this.#bySession.get(session);
    clients?.delete(client);
    if (clients?.size === 0) this.#bySession.delete(session);
    if (this.#bySession.size === 0) this.#empty.resolve();
  }

  close(session: string, code: number): void {
    for (const client of this.#bySession.get(session) ?? []) {
      const socket: unknown = client.ref;
      client.leave(code);
      if (!(socket instanceof WebSocket)) continue;
      const timer = setTimeout(() => socket.terminate(), farewellMs);
      socket.once("close", () => clearTimeout(timer));
    }
  }

  /** Resolves when nobody is connected, or after so long. */
  async emptied(withinMs: number): Promise<void> {
    if (this.#bySession.size === 0) return;
    this.#empty = Promise.withResolvers<void>();
    const timer = setTimeout(this.#empty.resolve, withinMs);
    await this.#empty.promise;
    clearTimeout(timer);
  }

  /** Sign-ins with a connection here. */
  get people(): number {
    return this.#bySession.size;
  }

  get size(): number {
    let total = 0;
    for (const clients of this.#bySession.values()) total += clients.size;
    return total;
  }
}
