import type { Recorded } from "../../domain/feature.ts";
import { eventData, isPublicType, matches, type PublicEvent } from "../../protocol/rest-events.ts";
import { writeCursor } from "./cursor.ts";
import type { Feed, FeedCursor, FeedEntry } from "./feed.ts";

/** An event as integrators see it; null: it is none of their business. */
export function presentEvent({
  org,
  ref,
  cursor,
  recorded,
  seq,
  type,
  actor,
  at,
}: FeedEntry): PublicEvent | null {
  if (!isPublicType(type)) return null;
  return {
    id: `${ref.kind}_${ref.id}_${seq}`,
    type,
    version: 1,
    at,
    org,
    room: { kind: ref.kind, id: ref.id },
    seq,
    actor,
    data: recorded === null ? null : dataOf(type, recorded),
    cursor: writeCursor(cursor),
  };
}

/** Only what is named in the contract gets through it. */
function dataOf(type: keyof typeof eventData, { event }: Recorded): Record<string, unknown> | null {
  return eventData[type].safeParse(event).data ?? null;
}

export interface PublicEvents {
  /** Events of an organisation, in order. What is left out for its type moves the cursor too. */
  read(query: {
    readonly org: string;
    readonly after: FeedCursor;
    readonly types: readonly string[];
    readonly limit: number;
  }): Promise<{ readonly items: readonly PublicEvent[]; readonly next: FeedCursor; readonly more: boolean }>;
}

const slice = 200;
/** So many slices are looked through for a page; then the reader asks again, from where they end. */
const slices = 10;

export function createPublicEvents(feed: Feed): PublicEvents {
  return {
    read: async ({ org, after, types, limit }) => {
      const wanted = (type: string): boolean => isPublicType(type) && matches(type, types);
      const items: PublicEvent[] = [];
      let next = after;
      for (let i = 0; i < slices; i += 1) {
        const page = await feed.read({ org, after: next, limit: slice, wanted });
        for (const entry of page.entries) {
          const item = presentEvent(entry);
          if (item) items.push(item);
          if (items.length === limit) return { items, next: entry.cursor, more: true };
        }
        next = page.next;
        if (!page.more) return { items, next, more: false };
      }
      return { items, next, more: true };
    },
  };
}
