import { BrokenCircuitError } from "cockatiel";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Db } from "../database/database.ts";
import type { EventBus } from "../journal/bus.ts";
import type { JournalFeed } from "../journal/feed.ts";
import { type PublicEvents, presentEvent } from "../journal/public-events.ts";
import { createSleeper } from "../journal/sleeper.ts";
import type { Logger } from "../logger.ts";
import type { Outbound } from "../net/outbound.ts";
import { createEndpoints, type EndpointLimits } from "./endpoints.ts";
import {
  createLanes,
  type Lane,
  noteHealth,
  type Pending,
  purgeDeliveries,
  type Settlement,
} from "./lanes.ts";
import { pauseAfter } from "./schedule.ts";
import { messageOf, send, type Try } from "./send.ts";
import { enqueue, findWebhook, isFull, type Webhook, webhooksBehind } from "./webhook-store.ts";

export interface DispatcherParts {
  readonly db: Db;
  readonly events: PublicEvents;
  readonly feed: Pick<JournalFeed, "find">;
  readonly bus: Pick<EventBus, "watch">;
  readonly outbound: Outbound;
  readonly ring: KeyRing;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of each try, and of each webhook that is given up for now. */
  readonly tried?: (how: "delivered" | "failed" | "dead") => void;
  readonly stopped?: (
    webhook: { readonly org: string; readonly id: string },
    state: "paused" | "disabled",
  ) => Promise<void>;
  readonly times?: Partial<DispatcherTimes>;
}

export interface DispatcherTimes extends EndpointLimits {
  /** The longest pause between looks (ms). */
  readonly latest: number;
  /** Longer than a delivery may take (ms). */
  readonly lease: number;
  /** After so long without a delivery that got through, a webhook is paused (ms). */
  readonly patience: number;
  /** So many deliveries may wait for one webhook; the others stay in the journal until it is their turn. */
  readonly line: number;
}

const usualTimes: DispatcherTimes = {
  latest: 1_000,
  lease: 30_000,
  patience: 5 * 86_400_000,
  line: 2_000,
  lanes: 5,
  allLanes: 64,
  failures: 5,
  rest: 30_000,
};
const behindAtOnce = 50;
const pageSize = 100;
/** Then other lanes have their turn. */
const inARow = 50;
const failurePause = 1_000;
const purgeEveryMs = 3_600_000;
/** How long the log of deliveries goes back. */
const keptMs = 30 * 86_400_000;
/** What is under way when the process ends may take so long; whatever is not known by then is sent again. */
const farewell = 3_000;

/**
 * Takes events from the feed into each webhook's line and delivers them: at least once, in order within a room, with as many
 * processes as there are. A process that dies loses nothing: its lanes are taken up when their lease is over.
 */
export function startDispatcher(parts: DispatcherParts): { wake(): void; stop(): Promise<void> } {
  const { db, events, feed, bus, log, now, tried, stopped: toldStopped } = parts;
  const times = { ...usualTimes, ...parts.times };
  const lanes = createLanes(db, times.lease);
  const endpoints = createEndpoints(times);
  const sleeper = createSleeper();
  const underway = new Set<Promise<void>>();
  let ended = false;

  /** Whether there is more to take in. */
  const takeIn = async (id: string): Promise<boolean> => {
    const webhook = await findWebhook(db, id);
    if (!webhook || (await isFull(db, id, times.line, now()))) return false;
    const { org, cursor, types } = webhook;
    const page = await events.read({ org, after: cursor, types, limit: pageSize });
    await enqueue(db, webhook, page.items, page.next, now());
    return page.more;
  };

  const attempt = async (webhook: Webhook, lane: Lane, { seq }: Pending): Promise<Try> => {
    const [entry] = await feed.find(webhook.org, [{ ref: lane.ref, seq }]);
    const event = entry && presentEvent(entry);
    if (!event) throw new Error("an event that is to be delivered is not in the journal");
    const how = await send(parts, webhook, messageOf(event), now());
    // The breaker counts what is thrown.
    if (how.broken) throw new Broken(how);
    return how;
  };

  const settlementOf = ({ delivered, status, fault, askedMs }: Try, attempts: number): Settlement =>
    delivered && status !== null
      ? { delivered: true, status }
      : {
          delivered: false,
          status,
          fault: fault ?? "status",
          pauseMs: pauseAfter(attempts + 1, Math.random(), askedMs),
        };

  const noteTry = async (webhook: Webhook, how: Try, settlement: Settlement): Promise<void> => {
    tried?.(
      how.delivered ? "delivered" : settlement.delivered || settlement.pauseMs !== null ? "failed" : "dead",
    );
    const health = { failing: !how.delivered, gone: how.gone, pauseAfterMs: times.patience };
    const state = await noteHealth(db, webhook, health, now());
    if (state === null) return;
    log.warn(
      { webhook: webhook.id, org: webhook.org, state, status: how.status },
      "a webhook is sent nothing more",
    );
    await toldStopped?.(webhook, state);
  };

  /** One delivery; whether the next one of the lane may follow at once. */
  const deliver = async (lane: Lane): Promise<boolean> => {
    const webhook = await findWebhook(db, lane.webhook);
    const pending = webhook?.state === "active" ? await lanes.head(lane) : null;
    if (!webhook || !pending) {
      await lanes.release(lane, now());
      return false;
    }
    try {
      const how = await endpoints
        .call(lane.webhook, () => attempt(webhook, lane, pending))
        .catch((error: unknown) => {
          if (error instanceof Broken) return error.how;
          throw error;
        });
      const settlement = settlementOf(how, pending.attempts);
      const more = await lanes.settle(lane, pending, settlement, now());
      await noteTry(webhook, how, settlement);
      return more;
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      // It was not tried: that costs it nothing but time.
      await lanes.release(lane, now() + times.rest);
      return false;
    }
  };

  const runLane = async (lane: Lane): Promise<void> => {
    try {
      for (let i = 1; await deliver(lane); i += 1) {
        if (i < inARow && !ended) continue;
        await lanes.release(lane, now());
        return;
      }
    } catch (error) {
      // Its lease runs out, and it is taken up again.
      log.warn({ err: error, webhook: lane.webhook }, "a delivery could not be made or noted; trying again");
    }
  };

  const setOff = async (): Promise<void> => {
    for (const id of await lanes.due(now())) {
      const room = endpoints.room(id);
      if (room === 0 || ended) continue;
      for (const lane of await lanes.take(id, room, now())) {
        const running = endpoints
          .run(id, () => runLane(lane))
          .finally(() => {
            underway.delete(running);
            sleeper.wake();
          });
        underway.add(running);
      }
    }
  };

  const run = async (): Promise<void> => {
    while (!ended) {
      let pause = times.latest;
      try {
        for (const id of await webhooksBehind(db, behindAtOnce)) if (await takeIn(id)) pause = 0;
        await setOff();
      } catch (error) {
        log.warn({ err: error }, "webhooks could not be looked at; trying again");
        await sleeper.sleep(failurePause, { deaf: true });
        continue;
      }
      await sleeper.sleep(pause);
    }
  };

  const purging = setInterval(() => {
    purgeDeliveries(db, now() - keptMs).catch((error: unknown) =>
      log.warn({ err: error }, "old deliveries could not be removed; trying again in an hour"),
    );
  }, purgeEveryMs);
  purging.unref();
  const unwatch = bus.watch(null, sleeper.wake);
  const running = run();
  return {
    wake: sleeper.wake,
    stop: async () => {
      ended = true;
      clearInterval(purging);
      unwatch();
      sleeper.end();
      await running;
      const gone = new Promise((resolve) => setTimeout(resolve, farewell).unref());
      await Promise.race([Promise.allSettled(underway), gone]);
    },
  };
}

/** How the breaker is told that an endpoint failed. */
class Broken extends Error {
  readonly how: Try;

  constructor(how: Try) {
    super("the endpoint failed");
    this.how = how;
  }
}
