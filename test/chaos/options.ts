import { parseArgs } from "node:util";
import type { ChaosOptions } from "./chaos.ts";
import { type FaultName, faultNames, isFaultName } from "./faults/index.ts";
import { realLoad } from "./verdict.ts";

export const usage = `npm run chaos -- [options]

  --seconds N      how long people are at work, at least (120)
  --seed S         decides which fault comes when, and what people do (1)
  --faults a,b     those alone; each is to happen at least once
  --processes N    (3)
  --chats N        with four members each (50)
  --rate N         requests a second in conversations (200)
  --json           the last line is the verdict as one JSON object

faults: ${faultNames.join(", ")}`;

export interface Options extends Omit<ChaosOptions, "say"> {
  readonly json: boolean;
}

/** Throws with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "120" },
      seed: { type: "string", default: "1" },
      faults: { type: "string", default: faultNames.join() },
      processes: { type: "string", default: "3" },
      chats: { type: "string", default: "50" },
      rate: { type: "string", default: "200" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    seed: numberOf("seed", values.seed, 0),
    seconds: numberOf("seconds", values.seconds, 1),
    faults: values.faults.split(",").filter(Boolean).map(faultOf),
    shape: {
      processes: numberOf("processes", values.processes, 1),
      chats: numberOf("chats", values.chats, 1),
      membersPerChat: 4,
      visits: 4,
      clinics: 2,
      rate: { talks: numberOf("rate", values.rate, 1), queues: 12 },
    },
    floor: realLoad,
    json: values.json,
  };
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${name} takes a whole number from ${least} on.`);
}

function faultOf(name: string): FaultName {
  if (isFaultName(name)) return name;
  throw new Error(`There is no fault "${name}". There are: ${faultNames.join(", ")}.`);
}
