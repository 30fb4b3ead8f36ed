import { sql } from "kysely";
import type { ReadinessCheck } from "../api/monitoring-port.ts";
import type { MediaNode } from "../media/mediasoup/media-node.ts";
import type { Membership } from "./cluster.ts";
import type { Context } from "./context.ts";

/** Whether this process can do its work: what /readyz shows, and Prometheus reads. */
export function createChecks(context: Context, membership: Membership): readonly ReadinessCheck[] {
  const { redis, eventLoop, media } = context;
  const checks: ReadinessCheck[] = [
    databaseCheck(context),
    {
      name: "media",
      optional: true,
      check: async () => {
        const faults = [...(await media.health())].flatMap(([name, fault]) =>
          fault ? `${name}: ${fault}` : [],
        );
        return faults.length === 0 ? null : faults.join("; ");
      },
    },
    { name: "event_loop", optional: true, check: async () => eventLoop.blocked() },
  ];
  if (!redis) return checks;
  return [
    ...checks,
    {
      name: "redis",
      optional: true,
      check: async () => {
        if (redis.connected()) return null;
        return "Redis does not answer: rooms that are awake here go on; those elsewhere cannot be reached from here, and none can be moved";
      },
    },
    {
      name: "lease",
      check: async () => {
        if (!membership.suspended()) return null;
        return "the lease could not be renewed in time: rooms here are not served until the database has said that they are still ours";
      },
    },
    {
      name: "intake",
      check: async () => {
        if (!isDraining(membership)) return null;
        return "the process is draining: it hands its rooms to others, and is to get no new people";
      },
    },
  ];
}

/** The same of a process that has a media node, and no rooms. */
export function createMediaChecks(
  context: Context,
  { node, draining }: { readonly node: MediaNode; draining(): boolean },
): readonly ReadinessCheck[] {
  const { eventLoop } = context;
  return [
    // Calls that run go on without it; new ones are not found.
    databaseCheck(context),
    { name: "media", check: async () => node.health() },
    { name: "event_loop", optional: true, check: async () => eventLoop.blocked() },
    {
      name: "intake",
      check: async () => (draining() ? "the process is draining: its calls go on elsewhere" : null),
    },
  ];
}

function databaseCheck({ database, log }: Pick<Context, "database" | "log">): ReadinessCheck {
  return {
    name: "database",
    check: async () => {
      try {
        await sql`select 1`.execute(database.db);
        return null;
      } catch (error) {
        log.warn({ err: error }, "the database does not answer");
        return "the database does not answer: nothing can be read or made durable";
      }
    },
  };
}

/** An operator wants it empty, or it is about to end. */
export function isDraining({ neighbours }: Pick<Membership, "neighbours">): boolean {
  const known = neighbours();
  return known?.all().some(({ id, draining }) => id === known.self && draining) === true;
}
