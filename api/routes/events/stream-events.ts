import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import { eventCursor, type PublicEvent, streamQuery, typesIn } from "../../../core/protocol/rest-events.ts";
import { type Context, endpoint } from "../../endpoint.ts";
import { namedPeople } from "./named-people.ts";

export const streamEvents = endpoint({
  id: "streamEvents",
  method: "get",
  path: "/v1/events/stream",
  tag: "events",
  summary: "Events as they happen",
  description:
    "Server-sent events: `id` is the cursor, `event` the type, `data` the event. From now on, from `after`, or, when a client " +
    "comes back, from its Last-Event-ID. Nothing is lost between two connections. It ends with the session, after an hour, and when the " +
    "same client opens more than five; come back then.",
  input: { query: streamQuery },
  reply: null,
  replyBytes: true,
  replyType: "text/event-stream",
  errors: ["forbidden", "busy"],
  reads: { action: "events.stream", itself: true },
  handle: async ({ query: { after, types } }, context) => {
    const { principal, incoming, eventStreams } = context;
    if (!can(principal, "events.read", { org: principal.org })) throw new DomainError("forbidden");
    await context.trace([{}]);
    const last = eventCursor.safeParse(incoming.header("last-event-id")).data;
    const pieces = eventStreams.open(principal, {
      ...{ after: last ?? after, types: typesIn(types) },
      past: (items) => recordPast(items, context),
    });
    context.setHeader("content-type", "text/event-stream; charset=utf-8");
    context.setHeader("cache-control", "no-store, no-transform");
    // nginx would hold events back until it has a bufferful.
    context.setHeader("x-accel-buffering", "no");
    context.sendBytes(pieces);
    return null;
  },
});

/** What comes live is covered by the stream's own entry; what was there before is read, as by `listEvents`. */
function recordPast(items: readonly PublicEvent[], { trace }: Context<Principal>): Promise<void> {
  const people = new Set(items.flatMap(namedPeople));
  return trace([...people].map((subject) => ({ subject })));
}
