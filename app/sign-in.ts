import { z } from "zod";
import type { Identity } from "../core/platform/identity/identity.ts";
import type { EndedSession } from "../core/platform/repositories/sessions.ts";
import type { ClusterRedis } from "../rooms/cluster/redis/open-redis.ts";

/** Processes tell each other here which sessions ended. */
const topic = "sessions.ended";
const message = z.array(z.object({ id: z.string(), endedAt: z.number() }));

/**
 * What ends here reaches the other processes at once while there is Redis. Nothing depends on it: each finds the same in
 * the database, half a second later.
 */
export function announceOver(
  redis: ClusterRedis | null,
): ((ended: readonly EndedSession[]) => void) | undefined {
  return redis ? (ended) => void redis.presence.publish(topic, ended) : undefined;
}

/** Hears what other processes announce. What is not of the form is passed over: the worst a message can do is sign somebody out. */
export async function hearOver(
  redis: ClusterRedis | null,
  { sessions }: Pick<Identity, "sessions">,
): Promise<void> {
  await redis?.presence.subscribe(topic, (said: unknown) => {
    const { data } = message.safeParse(said);
    if (data) sessions.heard(data);
  });
}
