import { parseArgs } from "node:util";
import { positive } from "../numbers.ts";
import { type ContestantName, contestantNames } from "./shape.ts";
import type { Timing } from "./stand.ts";

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  /** The rates at which everyone is measured, in messages a second over all rooms. */
  readonly rates: readonly number[];
  readonly timing: Timing;
  readonly ladder: LadderPlan | null;
  readonly contestants: readonly ContestantName[];
  /** Sizes of Socket.IO's database pool; the best of them is found first when there are several. */
  readonly pools: readonly number[];
  /** No round is begun that would not end by then, in milliseconds from the start; null: no limit. */
  readonly budget: number | null;
  /** A folder for CPU profiles of the servers; null: none. */
  readonly profile: string | null;
}

export interface LadderPlan {
  readonly timing: Timing;
  readonly start: number;
  readonly steps: number;
  readonly contestants: readonly ContestantName[];
}

export const usage = `npm run bench -- fanout [options]      a full run takes about half an hour

  --json               last line: one JSON object
  --quick              a smoke run of about a minute; its figures mean little
  --rounds <n>         interleaved rounds (5)
  --rates <a,b,c>      messages/s (1000,2000,4000)
  --seconds <n>        measured at each rate (10)
  --step-seconds <n>   each step of the ladder (15)
  --ladder-from <n>    first step, messages/s (4000)
  --no-ladder
  --only <a,b>         of ${contestantNames.join(", ")}
  --pools <a,b>        Socket.IO's pools to choose from (10,20,50,100)
  --budget <minutes>   begin no round that would end later
  --profile <folder>   CPU profiles of the servers; implies --no-ladder`;

/** Socket.IO with our batching is measured at the rates alone: what it sustains is no part of a ratio. */
const climbing: readonly ContestantName[] = ["hugmedo", "colyseus", "socket.io"];

/** Throws with a message for the user when an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      rates: { type: "string" },
      seconds: { type: "string" },
      "step-seconds": { type: "string" },
      "ladder-from": { type: "string", default: "4000" },
      "no-ladder": { type: "boolean", default: false },
      only: { type: "string" },
      pools: { type: "string" },
      budget: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { quick } = values;
  const number = (value: string | undefined, standard: number) => (value ? positive(value) : standard);
  const timing = { warmUp: quick ? 1 : 3, lead: quick ? 0.5 : 1, drain: 3 };
  const contestants = names(values.only);
  const ladder = {
    timing: { ...timing, window: number(values["step-seconds"], quick ? 2 : 15) },
    start: positive(values["ladder-from"]),
    steps: quick ? 2 : 16,
    contestants: climbing.filter((name) => contestants.includes(name)),
  };
  return {
    json: values.json,
    rounds: number(values.rounds, quick ? 1 : 5),
    rates: list(values.rates, quick ? [4000] : [1000, 2000, 4000]),
    timing: { ...timing, window: number(values.seconds, quick ? 2 : 10) },
    ladder: values["no-ladder"] || values.profile ? null : ladder,
    contestants,
    pools: list(values.pools, quick ? [20] : [10, 20, 50, 100]),
    budget: values.budget ? positive(values.budget) * 60_000 : null,
    profile: values.profile ?? null,
  };
}

function list(value: string | undefined, standard: readonly number[]): readonly number[] {
  return value ? value.split(",").map(positive) : standard;
}

function names(value: string | undefined): readonly ContestantName[] {
  if (!value) return contestantNames;
  const wanted = value.split(",");
  const unknown = wanted.find((name) => !contestantNames.some((known) => known === name));
  if (unknown) throw new Error(`"${unknown}" is none of ${contestantNames.join(", ")}.`);
  return contestantNames.filter((name) => wanted.includes(name));
}
