import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ChaosResult, chaos } from "../chaos/chaos.ts";
import type { FaultName } from "../chaos/faults/index.ts";
import type { Stage } from "../chaos/stage/stage.ts";
import type { ChaosVerdict } from "../chaos/verdict.ts";
import type { Fault } from "../durability/faults.ts";
import { removeFence } from "../durability/remove-fence.ts";
import { seedOf } from "../durability/trial.ts";

const patience = 600_000;
const seconds = 14;
/** Mutants show people things that never come to be; those people are not waited for. */
const restWithin = 5_000;

interface Mutant {
  /** What is put into the composition of every process. */
  readonly fault: Fault;
  readonly prepared?: (stage: Stage) => Promise<unknown>;
  readonly breaks: FaultName;
}

function run(name: string, { fault, prepared, breaks }: Mutant): Promise<ChaosResult> {
  return chaos({
    seed: seedOf(name),
    seconds,
    faults: [breaks],
    shape: {
      processes: 2,
      chats: 6,
      membersPerChat: 3,
      visits: 0,
      clinics: 0,
      rate: { talks: 60, queues: 0 },
    },
    floor: null,
    entry: ["test/chaos/server-entry.ts", fault],
    ...(prepared && { prepared }),
    restWithin,
  });
}

const mutants: readonly (readonly [string, Mutant, keyof ChaosVerdict])[] = [
  ["an acknowledgement before the commit", { fault: "early-acknowledgement", breaks: "kill" }, "lost"],
  ["a repeat that is not recognised", { fault: "no-dedupe", breaks: "kill" }, "duplicated"],
  [
    "a room that is claimed before its owner has come to a stand, where nobody refuses the owner's last words",
    { fault: "no-seal", prepared: (stage) => removeFence(stage.databaseUrl), breaks: "move" },
    "splitBrainCommits",
  ],
];
/** Whether a fault meets what it needs to show is a matter of chance. */
const runs = 3;

describe("the chaos run finds", { timeout: patience }, () => {
  test.each(mutants)("%s", async (name, mutant, count) => {
    for (let left = runs; left > 0; left -= 1) {
      const { verdict, report, history } = await run(name, mutant);
      console.info(report);
      if (history) rmSync(history, { recursive: true });
      if (Number(verdict[count]) === 0 && left > 1) continue;
      expect(verdict[count], report).toBeGreaterThan(0);
      expect(verdict.ok).toBe(false);
      return;
    }
  });
});
