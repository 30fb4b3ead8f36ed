import { createBus, type EventBus } from "../core/platform/journal/bus.ts";
import { createEventStreams, type EventStreams } from "../core/platform/journal/event-streams.ts";
import { createPublicEvents, type PublicEvents } from "../core/platform/journal/public-events.ts";
import { createOutbound } from "../core/platform/net/outbound.ts";
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
  const { config, database, feed, arrivals, identity, ring, metrics, audit, clock, log } = context;
  const { now } = clock;
  const bus = createBus({ feed, arrivals, log });
  const events = createPublicEvents(feed);
  const eventStreams = createEventStreams({ events, feed, bus, onSessionEnded: identity.sessions.onEnded });
  const outbound = createOutbound({ allowed: config.webhookNetworks });
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
