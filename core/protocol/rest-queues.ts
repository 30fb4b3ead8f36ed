import { z } from "zod";
import type { QueueMetrics } from "../domain/queue/metrics.ts";
import { roomIdPattern } from "../domain/room.ts";
import { commandId, personId, seq } from "./conversation.ts";
import { openingHours, queueRequests, queueSettings } from "./queue.ts";
import { at } from "./rest-parts.ts";

const whenGiven = { id: commandId.optional() } as const;
const seconds = z.number().nullable();
const count = z.int();

/** `id` makes a repeated request safe; the server makes one otherwise. */
export const createQueue = queueRequests["queue.create"].extend(whenGiven);
export const queueCreated = z.object({ id: z.string(), seq, at });
export const configureQueue = z.strictObject({ ...whenGiven, settings: queueSettings });
/** null: it opens and closes by hand alone. */
export const setQueueHours = z.strictObject({ ...whenGiven, hours: openingHours.nullable() });
export const addQueueStaff = z.strictObject(whenGiven);

/** Everything that a queue is set to. */
export const queueView = z.object({ id: z.string(), settings: queueSettings.required() });
export const queueParams = z.object({ id: z.string().regex(roomIdPattern) });
export const queueStaffParams = queueParams.extend({ person: personId });

/** Durations are in seconds; of the last 24 hours where nothing else is said. */
export const queueMetrics = z.object({
  waitingNow: count,
  longestWaitSeconds: seconds,
  onDuty: count,
  /** Of the last visits (up to 50). */
  service: z.object({ visits: count, medianSeconds: seconds, p90Seconds: seconds }),
  joined: count,
  admitted: count,
  abandoned: count,
  /** Abandoned of all that ended, 0 to 1; null: none ended. */
  abandonment: z.number().nullable(),
  averageWaitSeconds: seconds,
}) satisfies z.ZodType<QueueMetrics>;
