import { createBus, type EventBus } from "../core/platform/journal/bus.ts";
import { createEventStreams, type EventStreams } from "../core/platform/journal/event-streams.ts";
import { createPublicEvents, type PublicEvents } from "../core/platform/journal/public-events.ts";
import { type FailureReason, OutboundFailed } from "../core/platform/net/failure.ts";
import { createOutbound, type Outbound } from "../core/platform/net/outbound.ts";
import type { DependencyRecord } from "../core/platform/resilience/record.ts";
import { startDispatcher } from "../core/platform/webhooks/dispatcher.ts";
import { watchWebhooks } from "../core/platform/webhooks/progress.ts";
import { createWebhooks, type Webhooks } from "../core/platform/webhooks/webhooks.ts";
import type { Context } from "./context.ts";

/** What tells others of what happens in rooms. */
export interface Events {
  readonly bus: EventBus;
  readonly events: PublicEvents;
  readonly eventStreams: EventStreams;
  readonly webhooks: Webhooks;
  close(): Promise<void>;
}

export function openEvents(context: Context): Events {
  const { config, database, feed, arrivals, guards, identity, ring, metrics, audit, clock, log } = context;
  const { now } = clock;
  const bus = createBus({ feed, arrivals, log });
  const events = createPublicEvents(feed);
  const eventStreams = createEventStreams({ events, feed, bus, onSessionEnded: identity.sessions.onEnded });
  const outbound = watched(createOutbound({ allowed: config.webhookNetworks }), guards.watch("webhooks"));
  const dispatcher = startDispatcher({
    ...{ db: database.db, events, feed, bus, outbound, ring, log, now },
    tried: (outcome) => metrics.webhookDeliveries.of({ outcome }).add(),
    stopped: async ({ org, id: webhook }, state) =>
      audit.record({ org, actor: "system", action: `webhooks.${state}`, detail: { webhook }, at: now() }),
  });
  const progress = watchWebhooks(database.db, now);
  metrics.watch({ webhooks: progress.levels });
  return {
    bus,
    events,
    eventStreams,
    webhooks: createWebhooks({ ...database, feed, outbound, ring, now, wake: dispatcher.wake }),
    close: async () => {
      eventStreams.stop();
      progress.stop();
      await dispatcher.stop();
      await bus.stop();
    },
  };
}

const timeouts: readonly FailureReason[] = ["timeout", "tls_timeout"];

/** Receivers fail for reasons of their own, and each is left alone by itself: here it is only seen how they do. */
function watched(outbound: Outbound, record: DependencyRecord): Outbound {
  return {
    check: outbound.check,
    post: async (url, request) => {
      const begun = performance.now();
      const ended = (how: "ok" | "failed" | "timeout") => record.ended(how, performance.now() - begun);
      try {
        const reply = await outbound.post(url, request);
        ended("ok");
        return reply;
      } catch (error) {
        record.failed(error);
        ended(error instanceof OutboundFailed && timeouts.includes(error.reason) ? "timeout" : "failed");
        throw error;
      }
    },
  };
}
