import { setTimeout as delay } from "node:timers/promises";
import type { Line } from "../../checker/history.ts";
import { randomFrom } from "../../durability/random.ts";
import { recordingTime } from "../../durability/recorder.ts";
import type { Fault, Scene } from "./fault.ts";
import { type FaultName, faults } from "./index.ts";
import type { Planned } from "./plan.ts";

export interface Struck {
  /** What was done, one line a fault. */
  readonly lines: readonly Line[];
  /** What could not be done, and why. */
  readonly missed: readonly string[];
}

/**
 * Does what is planned, each at its time, or as soon as what it works on is in no other trouble. Resolves when
 * everything is mended again.
 */
export async function strikeAll(
  plan: readonly Planned[],
  scene: Omit<Scene, "random">,
  options: { readonly seed: number; readonly say: (text: string) => void },
): Promise<Struck> {
  const begun = recordingTime();
  const lines: Line[] = [];
  const missed: string[] = [];
  const troubled = new Map<Fault["on"], Promise<unknown>>();
  const strike = async (name: FaultName, n: number): Promise<void> => {
    const t = recordingTime();
    const random = randomFrom(options.seed * 1_009 + n);
    try {
      const { text, on = [] } = await faults[name].strike({ ...scene, random });
      lines.push({ op: "fault", t, until: recordingTime(), name, text, on: [...on] });
      options.say(`${((t - begun) / 1_000).toFixed(1).padStart(6)} s  ${name}: ${text}`);
    } catch (error) {
      missed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      options.say(`${((t - begun) / 1_000).toFixed(1).padStart(6)} s  ${name} COULD NOT BE DONE: ${error}`);
    }
  };
  for (const [n, { name, at }] of plan.entries()) {
    await delay(Math.max(0, begun + at * 1_000 - recordingTime()));
    const { on } = faults[name];
    await troubled.get(on);
    troubled.set(on, strike(name, n));
  }
  await Promise.all(troubled.values());
  return { lines, missed };
}
