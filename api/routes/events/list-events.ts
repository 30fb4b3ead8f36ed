import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { readCursor, writeCursor } from "../../../core/platform/journal/cursor.ts";
import { feedStart } from "../../../core/platform/journal/feed.ts";
import { eventPage, eventsQuery, typesIn } from "../../../core/protocol/rest-events.ts";
import { endpoint } from "../../endpoint.ts";

export const listEvents = endpoint({
  id: "listEvents",
  method: "get",
  path: "/v1/events",
  tag: "events",
  summary: "What happened in my organisation, in order",
  description:
    "From the beginning, or after a cursor; each event once, none missing, those of a room in the order of their seq. Keep " +
    "`next` with what you did with the events, and pass it as `after` the next time: it stays good. A page may be shorter " +
    "than `limit`, or empty, while there is `more`. Texts and names are not in it: ask for them where they are read.",
  input: { query: eventsQuery },
  reply: eventPage,
  errors: ["forbidden"],
  reads: { action: "events.read", itself: true },
  handle: async ({ query: { after, types, limit } }, { principal, events, trace }) => {
    if (!can(principal, "events.read", { org: principal.org })) throw new DomainError("forbidden");
    const page = await events.read({
      org: principal.org,
      after: after === undefined ? feedStart : readCursor(after),
      types: typesIn(types),
      limit,
    });
    // Many people's, by their ids alone: one entry says how many events. Who finds nothing new leaves none.
    await trace(page.items.length === 0 ? [] : [{ detail: { events: page.items.length } }]);
    return { items: [...page.items], next: writeCursor(page.next), more: page.more };
  },
});
