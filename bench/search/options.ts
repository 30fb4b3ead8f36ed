import { parseArgs } from "node:util";
import { whole } from "../numbers.ts";

export interface Options {
  readonly json: boolean;
  readonly messages: number;
  readonly rooms: number;
  /** Of each query, for each reader, in turn. */
  readonly rounds: number;
  readonly seed: number;
}

export const usage = `npm run bench -- search [options]      a full run takes about ten minutes

  --json           last line: one JSON object
  --messages <n>   messages in the organisation (300000)
  --rooms <n>      rooms they are in (3000)
  --rounds <n>     times that each query is asked by each reader, in turn (5)
  --seed <n>       of the messages (1)`;

/** Throws with a message for the user when an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      messages: { type: "string", default: "300000" },
      rooms: { type: "string", default: "3000" },
      rounds: { type: "string", default: "5" },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    json: values.json,
    messages: whole(values.messages),
    rooms: whole(values.rooms),
    rounds: whole(values.rounds),
    seed: whole(values.seed),
  };
}
