import { Socket } from "node:net";
import type WebSocket from "ws";

/**
 * Holds back what is written to these connections until the turn has ended, so that an event and the reply
 * to whoever caused it leave in one system call: those are most of what a delivery costs.
 */
export class Cork {
  readonly #held = new Set<Socket>();

  hold(connection: WebSocket): void {
    // `ws` keeps the TCP socket to itself; without it there is nothing to gain, and nothing lost.
    const socket: unknown = Reflect.get(connection, "_socket");
    if (!(socket instanceof Socket) || this.#held.has(socket)) return;
    if (this.#held.size === 0) process.nextTick(this.#release);
    this.#held.add(socket);
    socket.cork();
  }

  readonly #release = (): void => {
    for (const socket of this.#held) socket.uncork();
    this.#held.clear();
  };
}
