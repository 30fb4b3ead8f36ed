import { parseArgs } from "node:util";
import { whole } from "../numbers.ts";

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  /** How many wait, in each queue that is measured. */
  readonly sizes: readonly number[];
  readonly staff: number;
  /** At most so many patients of a queue are connected, evenly spread over it. */
  readonly connected: number;
  /** Commands in a window: those that change one entry's status, and those that change the order. */
  readonly commands: { readonly status: number; readonly reorder: number };
  /** The same before the first round. */
  readonly warmUp: { readonly status: number; readonly reorder: number };
  /** Seconds at rest before each size's windows. */
  readonly rest: number;
  /** A folder for CPU profiles of the servers; null: none. */
  readonly profile: string | null;
}

export const usage = `npm run bench -- queue [options]      a full run takes about a quarter of an hour

  --json               last line: one JSON object
  --quick              a smoke run of about a minute; its figures mean little
  --rounds <n>         rounds, the sizes alternating (5)
  --sizes <a,b,c>      how many wait (50,500,5000)
  --staff <n>          connected staff (20)
  --connected <n>      connected patients of a queue at most (5000)
  --commands <n>       status commands of a size and round (3000)
  --reorders <n>       commands of each kind that change the order (30)
  --profile <folder>   CPU profiles of the servers`;

/** Connections are asked for a sign of life so often (seconds): one such moment is in each rest. */
const pingPeriod = 5;
/** The queue remembers so many changes of its order: warmed up, it is as it is in the long run. */
const remembered = 256;

/** Throws with a message for the user when an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      sizes: { type: "string", default: "50,500,5000" },
      staff: { type: "string", default: "20" },
      connected: { type: "string", default: "5000" },
      commands: { type: "string" },
      reorders: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { quick } = values;
  const number = (value: string | undefined, standard: number) => (value ? whole(value) : standard);
  return {
    json: values.json,
    rounds: number(values.rounds, quick ? 1 : 5),
    sizes: values.sizes.split(",").map(whole),
    staff: whole(values.staff),
    connected: whole(values.connected),
    commands: {
      status: number(values.commands, quick ? 40 : 3_000),
      reorder: number(values.reorders, quick ? 4 : 30),
    },
    warmUp: quick ? { status: 20, reorder: 2 } : { status: 1_000, reorder: remembered },
    rest: quick ? 0.5 : pingPeriod,
    profile: values.profile ?? null,
  };
}
