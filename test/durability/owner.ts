import type { RoomRef } from "../../core/domain/room.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import {
  createJournalStore,
  type JournalStore,
  type PartOutcome,
  type RoomPart,
} from "../../core/platform/journal/journal-store.ts";
import { createRoomOwners, type RoomOwners } from "../../core/platform/repositories/room-owners.ts";

/** What one attempt to append led to. `unknown`: the connection broke before the answer. */
export interface Attempt {
  /** Its rows have it as their actor. */
  readonly tag: string;
  readonly room: string;
  readonly epoch: number;
  readonly seqs: readonly number[];
  readonly commands: readonly string[];
  readonly outcome: PartOutcome | "unknown";
}

/** A claim that was won: from `nextSeq` on, nothing may be written under an older epoch. */
export interface Claim {
  readonly room: string;
  readonly epoch: number;
  readonly nextSeq: number;
}

interface Belief {
  epoch: number;
  nextSeq: number;
}

/**
 * A process's half of the fence, reduced to what it believes about each room. It never forgets what it
 * believes when it was refused: a zombie that goes on trying.
 */
export class Owner {
  readonly name: string;
  readonly attempts: Attempt[] = [];
  readonly claims: Claim[] = [];
  readonly #database: Database;
  readonly #store: JournalStore;
  readonly #owners: RoomOwners;
  readonly #believed = new Map<string, Belief>();
  #statements = 0;

  constructor(name: string, database: Database) {
    this.name = name;
    this.#database = database;
    this.#store = createJournalStore(database);
    this.#owners = createRoomOwners(database.db);
  }

  static async open(name: string, url: string): Promise<Owner> {
    return new Owner(name, await openPostgres(url, 2));
  }

  forget(): void {
    this.attempts.length = 0;
    this.claims.length = 0;
    this.#believed.clear();
  }

  async claim(room: string): Promise<void> {
    const ref = refOf(room);
    const found = await this.#owners.find(ref);
    const claimed = await this.#owners.claim(ref, { process: this.name, epoch: found?.epoch ?? 0 });
    if (!claimed) return;
    const { epoch, nextSeq } = claimed;
    this.claims.push({ room, epoch, nextSeq });
    this.#believed.set(room, { epoch, nextSeq });
  }

  /** The worst zombie: it learns the next seq, and keeps its old epoch. */
  async peek(room: string): Promise<void> {
    const belief = this.#believed.get(room);
    const found = await this.#owners.find(refOf(room));
    if (belief && found) belief.nextSeq = found.nextSeq;
  }

  /** Appends to all of these rooms in one statement, what it believes it may. */
  async append(rooms: readonly string[], count: number, commands: readonly string[]): Promise<void> {
    const parts = rooms.flatMap((room) => {
      const belief = this.#believed.get(room);
      return belief ? [this.#part(room, belief, count, commands)] : [];
    });
    if (parts.length === 0) return;
    const outcomes = await this.#store.append(parts).catch(() => null);
    for (const [i, part] of parts.entries()) this.#settle(part, outcomes?.[i] ?? "unknown");
    this.#statements += 1;
  }

  #part(room: string, { epoch, nextSeq }: Belief, count: number, commands: readonly string[]): RoomPart {
    const entry = { type: "chat.message", version: 1, actor: this.#tag, amends: null, at: 0 };
    const entries = Array.from({ length: count }, (_, i) => ({
      ...entry,
      seq: nextSeq + i,
      payload: Buffer.from("text"),
    }));
    const lastSeq = nextSeq + count - 1;
    return {
      ref: refOf(room),
      org: "org",
      epoch,
      firstSeq: nextSeq,
      entries,
      commands: commands.map((id) => ({
        principal: "ann",
        id,
        mac: Buffer.alloc(16),
        firstSeq: nextSeq,
        lastSeq,
      })),
      members: [],
      cursors: [],
      listing: null,
    };
  }

  get #tag(): string {
    return `${this.name}#${this.#statements}`;
  }

  #settle({ ref, epoch, entries, commands }: RoomPart, outcome: Attempt["outcome"]): void {
    const seqs = entries.map(({ seq }) => seq);
    const ids = commands.map(({ id }) => id);
    this.attempts.push({ tag: this.#tag, room: ref.id, epoch, seqs, commands: ids, outcome });
    const belief = this.#believed.get(ref.id);
    if (belief?.epoch === epoch && outcome === "appended") belief.nextSeq += entries.length;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

export function refOf(room: string): RoomRef {
  return { kind: "chat", id: room };
}
