import type { CommandReply } from "../../core/protocol/events.ts";

/** A command that was given to this room lately: its fingerprint, and its result or the promise of it. */
export interface RecentCommand {
  readonly mac: Buffer;
  readonly reply: Promise<CommandReply>;
}

/**
 * The commands that a room remembers by itself, newest `limit` of them. Older ones the journal recognises;
 * those refused are forgotten, so that a corrected request may use the id again.
 */
export class RecentCommands {
  readonly #known = new Map<string, RecentCommand>();
  readonly #limit: number;

  constructor(limit = 1_000) {
    this.#limit = limit;
  }

  find(principal: string, id: string): RecentCommand | undefined {
    return this.#known.get(keyOf(principal, id));
  }

  remember(principal: string, id: string, command: RecentCommand): void {
    const key = keyOf(principal, id);
    this.#known.set(key, command);
    command.reply.catch(() => this.#known.delete(key));
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
  }
}

export function keyOf(principal: string, id: string): string {
  return `${principal}/${id}`;
}
