import { isChatEvent } from "../../domain/conversation/events.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Behaviour, DomainEvent, Recorded } from "../../domain/feature.ts";
import type { RoomKindName, RoomRef } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { Tenants } from "../database/tenants.ts";
import { decodeEvent, type JournalEntry } from "../journal/codec.ts";
import { entryColumns } from "./conversation-page.ts";
import { createTenantRooms } from "./tenant-rooms.ts";

/** A room on its way through its history, event by event, in order. */
export interface Replay {
  apply(recorded: Recorded): void;
  /** The state reached, as readers of the history may see it. */
  present(): unknown;
}

/** How a kind of room is replayed, with the type of its state closed over. */
export interface Fold {
  start(): Replay;
}

export function replayOf<Root>(
  behaviour: Pick<Behaviour<Root>, "initial" | "evolve">,
  present: (root: Root) => unknown,
): Fold {
  return {
    start: () => {
      let root = behaviour.initial;
      return {
        apply: (recorded) => {
          root = behaviour.evolve(root, recorded);
        },
        present: () => present(root),
      };
    },
  };
}

/** A moment in a room's life, itself included: a time (ms since the epoch) or an event's seq. */
export type Moment = { readonly at: number } | { readonly seq: number };

export interface PastState {
  /** The last event that the state includes, and when it was. */
  readonly seq: number;
  readonly at: number;
  readonly state: unknown;
}

export interface PastEvent {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  readonly type: string;
  /** What the event says; texts of chat messages are null. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * An organisation's rooms as they were, from the journal. Whether the reader may is the caller's to check. Throws
 * `room_not_found`, also for rooms of others.
 */
export interface RoomHistory {
  /** The room as it was at a moment; null: nothing had happened in it yet. */
  stateAt(org: string, ref: RoomRef, moment: Moment): Promise<PastState | null>;
  /** Events after a seq, in order. */
  events(
    org: string,
    ref: RoomRef,
    query: { readonly after: number; readonly limit: number; readonly until?: Moment | undefined },
  ): Promise<PastEvent[]>;
}

export interface RoomHistoryParts {
  readonly tenants: Tenants;
  readonly keys: Pick<DataKeys, "get">;
  readonly folds: Readonly<Record<RoomKindName, Fold>>;
}

const pageSize = 500;

export function createRoomHistory({ tenants, keys, folds }: RoomHistoryParts): RoomHistory {
  const rooms = createTenantRooms(tenants);

  /** What happened after a seq, up to a moment, a page at a time. */
  async function* recorded(org: string, ref: RoomRef, after: number, limit: number, until?: Moment) {
    const room = await rooms.find(org, ref);
    if (!room) throw new DomainError("room_not_found");
    const key = await keys.get(org, room.keyId);
    for (let from = after, left = limit; left > 0; ) {
      const wanted = Math.min(left, pageSize);
      const page = await readEntries(tenants, org, ref, { after: from, limit: wanted });
      for (const entry of page) {
        if (until && isAfter(entry, until)) return;
        yield decodeEvent(key, ref, entry);
      }
      if (page.length < wanted) return;
      from = page.at(-1)?.seq ?? from;
      left -= page.length;
    }
  }

  return {
    stateAt: async (org, ref, moment) => {
      const replay = folds[ref.kind].start();
      let last: Recorded | null = null;
      for await (const one of recorded(org, ref, 0, Number.POSITIVE_INFINITY, moment)) {
        replay.apply(one);
        last = one;
      }
      return last && { seq: last.seq, at: last.at, state: replay.present() };
    },
    events: async (org, ref, { after, limit, until }) => {
      const events: PastEvent[] = [];
      for await (const { seq, at, by, event } of recorded(org, ref, after, limit, until)) {
        events.push({ seq, at, by, type: event.type, payload: payloadOf(event) });
      }
      return events;
    },
  };
}

function readEntries(
  tenants: Tenants,
  org: string,
  { kind, id }: RoomRef,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<JournalEntry[]> {
  return tenants(org)
    .selectFrom("journal")
    .select(entryColumns)
    .where("org", "=", org)
    .where("kind", "=", kind)
    .where("id", "=", id)
    .where("seq", ">", after)
    .orderBy("seq")
    .limit(limit)
    .execute();
}

function isAfter(entry: { readonly seq: number; readonly at: number }, moment: Moment): boolean {
  return "seq" in moment ? entry.seq > moment.seq : entry.at > moment.at;
}

/** Texts, and the names of files, are read in the conversation, which knows what was deleted and edited since. */
function payloadOf(event: DomainEvent): PastEvent["payload"] {
  const { type, ...payload } = event;
  if (!isChatEvent(event)) return payload;
  if (event.type === "chat.edited") return { ...payload, body: null };
  if (event.type !== "chat.message") return payload;
  const files = event.attachments?.map((file) => ({ ...file, name: null }));
  return { ...payload, body: null, ...(files && { attachments: files }) };
}
