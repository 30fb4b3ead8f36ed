import { parseArgs } from "node:util";
import { positive } from "../numbers.ts";

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Messages a second of each room. */
  readonly rate: number;
  /** Seconds of writing before the kill. */
  readonly steady: number;
  /** Processes that the clients share. */
  readonly clients: number;
  /** A folder for CPU profiles of the processes that live on; null: none. */
  readonly profile: string | null;
}

export const usage = `npm run bench -- failover [options]      a full run takes about three minutes

  --json               last line: one JSON object
  --quick              a smoke run of half a minute; its figures mean little
  --rounds <n>         kills, there and back again (3)
  --rooms <n>          rooms (500)
  --members <n>        members of each, all connected (4)
  --rate <n>           messages/s of each room (1)
  --clients <n>        processes that the clients share (1)
  --profile <folder>   CPU profiles of the processes that live on`;

/** Throws with a message for the user when an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      rooms: { type: "string" },
      members: { type: "string", default: "4" },
      rate: { type: "string", default: "1" },
      clients: { type: "string", default: "1" },
      profile: { type: "string" },
    },
  });
  const { quick } = values;
  const number = (value: string | undefined, standard: number) => (value ? positive(value) : standard);
  return {
    json: values.json,
    rounds: number(values.rounds, quick ? 1 : 3),
    rooms: number(values.rooms, quick ? 20 : 500),
    membersPerRoom: positive(values.members),
    rate: positive(values.rate),
    steady: quick ? 2 : 10,
    clients: positive(values.clients),
    profile: values.profile ?? null,
  };
}
