import type { Client } from "@colyseus/core";

/** The process's connections by sign-in, so that an ended session ends them. */
export class Connections {
  readonly #bySession = new Map<string, Set<Client>>();

  add(session: string, client: Client): void {
    const clients = this.#bySession.get(session);
    if (clients) clients.add(client);
    else this.#bySession.set(session, new Set([client]));
  }

  remove(session: string, client: Client): void {
    const clients = this.#bySession.get(session);
    clients?.delete(client);
    if (clients?.size === 0) this.#bySession.delete(session);
  }

  close(session: string, code: number): void {
    for (const client of this.#bySession.get(session) ?? []) client.leave(code);
  }

  get size(): number {
    let total = 0;
    for (const clients of this.#bySession.values()) total += clients.size;
    return total;
  }
}
