import { DomainError } from "../../domain/errors.ts";
import type { Principal } from "../../domain/principal.ts";
import type { PublicEvent } from "../../protocol/rest-events.ts";
import type { EventBus } from "./bus.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { JournalFeed } from "./feed.ts";
import type { PublicEvents } from "./public-events.ts";
import { createSleeper, type Sleeper } from "./sleeper.ts";

/** Pieces of an answer that goes on. Whoever takes nothing of it for `stallMs` is dropped. */
export interface Lasting extends AsyncIterable<Uint8Array> {
  readonly stallMs: number;
}

/** Events as they happen, as server-sent events (WHATWG HTML). */
export interface EventStreams {
  /**
   * From a cursor on, or from now. It ends with the session, after an hour, and when the same principal opens more than a few.
   * Throws `invalid_payload`, `busy`.
   */
  open(
    by: Principal,
    query: { readonly after: string | undefined; readonly types: readonly string[] },
  ): Lasting;
  stop(): void;
}

export interface EventStreamsParts {
  readonly events: PublicEvents;
  readonly feed: Pick<JournalFeed, "end">;
  readonly bus: Pick<EventBus, "watch">;
  /** Tells of every session that ends. */
  onSessionEnded(listener: (session: string) => void): () => void;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
}

const pageSize = 100;
const longestMs = 3_600_000;
const perPrincipal = 5;
const perProcess = 500;
/** Clients come back after so long, each after another time, so that those of one process do not come all at once. */
const retryMs = 2_000;

interface Stream {
  readonly session: string;
  readonly sleeper: Sleeper;
  ended: boolean;
}

export function createEventStreams(parts: EventStreamsParts): EventStreams {
  const { events, feed, bus, onSessionEnded, heartbeatMs = 15_000, stallMs = 30_000 } = parts;
  const streams = new Map<string, Set<Stream>>();
  const count = (): number => [...streams.values()].reduce((sum, own) => sum + own.size, 0);

  const end = (stream: Stream): void => {
    stream.ended = true;
    stream.sleeper.end();
  };
  const endAll = (which: (stream: Stream) => boolean): void => {
    for (const own of streams.values()) for (const stream of own) if (which(stream)) end(stream);
  };

  /** The oldest give way: they may be of connections that broke without our knowing. */
  const admit = ({ org, id, session }: Principal): { readonly stream: Stream; leave(): void } => {
    const key = `${org} ${id}`;
    const own = streams.get(key) ?? new Set();
    if (own.size === 0 && count() >= perProcess)
      throw new DomainError("busy", undefined, { retryAfterMs: 5_000 });
    const stream: Stream = { session, sleeper: createSleeper(), ended: false };
    streams.set(key, own.add(stream));
    for (const old of [...own].slice(0, -perPrincipal)) {
      end(old);
      own.delete(old);
    }
    return {
      stream,
      leave: () => {
        own.delete(stream);
        if (own.size === 0 && streams.get(key) === own) streams.delete(key);
      },
    };
  };

  const forget = onSessionEnded((session) => endAll((stream) => stream.session === session));

  return {
    open: (by, { after, types }) => {
      const from = after === undefined ? null : readCursor(after);
      const follow = async function* (): AsyncGenerator<Uint8Array> {
        const { stream, leave } = admit(by);
        const unwatch = bus.watch(by.org, stream.sleeper.wake);
        try {
          yield frame(`retry: ${Math.round(retryMs * (1 + Math.random()))}`);
          const until = performance.now() + longestMs;
          for (let cursor = from ?? (await feed.end()); !stream.ended && performance.now() < until; ) {
            const page = await events.read({ org: by.org, after: cursor, types, limit: pageSize });
            cursor = page.next;
            if (stream.ended) return;
            if (page.items.length > 0) yield frame(...page.items.map(written));
            if (page.more || (await stream.sleeper.sleep(heartbeatMs))) continue;
            // It moves the client's place too, past what was not for it.
            yield frame(`: still here\nid: ${writeCursor(cursor)}`);
          }
        } finally {
          unwatch();
          leave();
        }
      };
      return { stallMs, [Symbol.asyncIterator]: follow };
    },
    stop: () => {
      forget();
      endAll(() => true);
    },
  };
}

function written(event: PublicEvent): string {
  return `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}`;
}

function frame(...blocks: readonly string[]): Uint8Array {
  return Buffer.from(blocks.map((block) => `${block}\n\n`).join(""));
}
