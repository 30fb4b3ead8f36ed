import { expect, test } from "vitest";
import { chaos } from "../chaos/chaos.ts";
import type { FaultName } from "../chaos/faults/index.ts";
import { seedOf } from "../durability/trial.ts";

/** Everything takes its time where the machine has much else to do; nothing here is a matter of speed. */
const patience = 900_000;
const seconds = 30;

/** One of every kind; the rest is for `npm run chaos`. */
const faults: readonly FaultName[] = [
  "kill",
  "drain",
  "move",
  "commit-lost",
  "postgres-stop",
  "redis-flush",
  "flap",
];

test(
  "people in chats, queues and visits on three processes lose nothing, whatever breaks",
  async () => {
    const { verdict, report, history } = await chaos({
      seed: seedOf("chaos"),
      seconds,
      faults,
      shape: {
        processes: 3,
        chats: 8,
        membersPerChat: 3,
        visits: 2,
        clinics: 1,
        rate: { talks: 40, queues: 6 },
      },
      floor: null,
      // The page is not looked at.
      entry: ["test/chaos/server-entry.ts"],
      restWithin: 300_000,
    });
    expect(report, `seed ${verdict.seed}, ${history}`).toBe("nothing is wrong");
    expect(verdict).toMatchObject({
      lost: 0,
      duplicated: 0,
      reordered: 0,
      invented: 0,
      splitBrainCommits: 0,
      receiptsRegressed: 0,
      placesLost: 0,
      abnormalCloses: 0,
      missed: [],
      unsettled: [],
      ok: true,
    });
    for (const name of faults) expect(verdict.faults[name], name).toBeGreaterThan(0);
    expect(verdict.acked).toBeGreaterThan(100);
    expect(verdict.load).toMatchObject({ processes: 3 });
    expect(verdict.load.clients).toBeGreaterThanOrEqual(36);
  },
  patience,
);
