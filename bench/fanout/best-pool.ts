import { type Services, socketIo } from "./contestants/baselines.ts";
import { climbWith } from "./rounds.ts";
import { Stand } from "./stand.ts";

const timing = { warmUp: 1, lead: 1, window: 4, drain: 3 };
const ladder = { timing, start: 2560, steps: 8, contestants: [] };

/** The pool with which Socket.IO sustains the highest rate; among equals the one with the lowest p99 there. */
export async function findBestPool(
  services: Services,
  pools: readonly number[],
  progress: (text: string) => void,
): Promise<number> {
  const [only] = pools;
  if (pools.length === 1 && only !== undefined) return only;
  const tried: { pool: number; sustained: number; p99: number }[] = [];
  for (const pool of pools) {
    const stand = new Stand(socketIo(services, { pool, batched: false }));
    try {
      const { sustained, steps } = await climbWith(stand, ladder, () => undefined);
      const p99 = steps.find((step) => step.rate === sustained)?.p99 ?? Number.POSITIVE_INFINITY;
      tried.push({ pool, sustained, p99 });
      progress(`socket.io, pool of ${pool}: sustains ${sustained} messages/s, p99 ${p99.toFixed(1)} ms`);
    } finally {
      await stand.close();
    }
  }
  const [best] = tried.sort((a, b) => b.sustained - a.sustained || a.p99 - b.p99);
  return best?.pool ?? 10;
}
