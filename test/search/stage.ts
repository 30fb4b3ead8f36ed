import { createSecretKey, randomBytes } from "node:crypto";
import type { DomainEvent } from "../../core/domain/feature.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import { parseQuery } from "../../core/domain/search/query.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createFeed, feedStart } from "../../core/platform/journal/feed.ts";
import type { RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createGramHashes } from "../../core/platform/search/gram-hashes.ts";
import { createRebuilder } from "../../core/platform/search/rebuild.ts";
import { createSearchIndex, type IndexSearch, usualWindow } from "../../core/platform/search/search-index.ts";
import { createSearchProjection } from "../../core/platform/search/search-projection.ts";
import { createPaper, type WrittenRoom } from "../persistence/written-room.ts";

export const org = "clinic";
const everything = ["message", "file", "chat", "queue", "visit"] as const;

/** A written room of a chat, with these members. */
export interface Chat {
  readonly room: WrittenRoom;
  readonly id: string;
  /** Appends events by a person, the seqs of which it returns. */
  write(by: string, ...events: DomainEvent[]): Promise<number[]>;
  say(by: string, ...bodies: string[]): Promise<number[]>;
  edit(of: number, body: string): Promise<unknown>;
  remove(of: number): Promise<unknown>;
  setRole(person: string, role: string | null): Promise<unknown>;
}

export type Stage = ReturnType<typeof createStage>;

/** A search index over a database, which follows the journal when it is told to. */
export function createStage(database: Database) {
  const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  const paper = createPaper(database);
  const log = createLogger({ level: "silent" });
  const feed = createFeed({ ...database, keys: paper.keys, log });
  const hashes = createGramHashes(ring);
  const projection = createSearchProjection(hashes);
  let cursor = feedStart;
  let rooms = 0;
  let at = Date.UTC(2026, 0, 1);

  const open = async (kind: RoomKindName, members: Readonly<Record<string, string>>, owner = org) => {
    rooms += 1;
    const id = `room-${rooms}`;
    const room = await paper.room({ kind, id }, owner);
    let seq = 0;
    const append = async (part: RoomPart) => {
      const [outcome] = await paper.journal.append([part]);
      if (outcome !== "appended") throw new Error(outcome);
    };
    await append(
      room.part([], { members: Object.entries(members).map(([person, role]) => ({ person, role })) }),
    );
    const write: Chat["write"] = async (by, ...events) => {
      const recorded = events.map((event) => ({ at: ++at, by, event }));
      await append(room.part(recorded));
      return events.map(() => ++seq);
    };
    const event = (type: string, payload: object): DomainEvent => ({
      ...{ id: `c-${seq}` },
      ...payload,
      type,
    });
    const chat: Chat = {
      room,
      id,
      write,
      say: (by, ...bodies) => write(by, ...bodies.map((body) => event("chat.message", { body }))),
      edit: (of, body) => write("ann", event("chat.edited", { of, body })),
      remove: (of) => write("ann", event("chat.deleted", { of })),
      setRole: (person, role) => append(room.part([], { members: [{ person, role }] })),
    };
    return chat;
  };

  return {
    database,
    paper,
    feed,
    hashes,
    rebuilder: createRebuilder({ database, feed, hashes, log, graceMs: 0 }),
    open,
    /** Reads the journal to its end, as the projector does. */
    follow: async (limit = 50) => {
      for (let more = true; more; ) {
        const page = await feed.read({ org: null, after: cursor, limit });
        if (page.entries.length > 0) {
          await database.db.transaction().execute((tx) => projection.apply(tx, page.entries));
        }
        cursor = page.next;
        more = page.more;
      }
    },
    find: async (
      person: string,
      q: string,
      more: Partial<IndexSearch> & { window?: number; patience?: number } = {},
    ) => {
      const { window = usualWindow, patience = 10_000, ...narrowed } = more;
      const index = createSearchIndex({ ...database, keys: paper.keys, hashes, window, patience });
      const page = await index.search({
        org,
        person,
        query: parseQuery(q),
        kinds: everything,
        open: [],
        room: null,
        author: null,
        since: 0,
        until: Number.MAX_SAFE_INTEGER,
        after: null,
        limit: 50,
        now: at,
        ...narrowed,
      });
      return page;
    },
  };
}

/** The texts of a page's snippets, with what is highlighted in brackets. */
export function shown({ items }: Awaited<ReturnType<Stage["find"]>>): string[] {
  return items.map(({ snippet: { text, highlights } }) =>
    highlights.reduceRight(
      (so, { start, end }) => `${so.slice(0, start)}[${so.slice(start, end)}]${so.slice(end)}`,
      text,
    ),
  );
}
