import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import { eventCursor, type PublicEvent, streamQuery, typesIn } from "../../../core/protocol/rest-events.ts";
import { type Context, endpoint } from "../../endpoint.ts";
import { purposeFor } from "../../http/purpose.ts";
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
  handle: async ({ query: { after, types } }, context) => {
    const { principal, incoming, eventStreams, audit } = context;
    if (!can(principal, "events.read", { org: principal.org })) throw new DomainError("forbidden");
    const last = eventCursor.safeParse(incoming.header("last-event-id")).data;
    const { org, id: actor } = principal;
    const detail = { purpose: purposeFor(context), operation: "streamEvents" };
    await audit.record({ org, actor, action: "events.stream", detail });
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
async function recordPast(items: readonly PublicEvent[], context: Context<Principal>): Promise<void> {
  const { org, id: actor } = context.principal;
  const people = new Set(items.flatMap(namedPeople));
  await context.audit.recordAll(
    [...people].map((subject) => ({
      ...{ org, actor, action: "events.read", subject },
      detail: { purpose: purposeFor(context, subject), operation: "streamEvents" },
    })),
  );
}
