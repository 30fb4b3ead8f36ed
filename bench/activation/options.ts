import { parseArgs } from "node:util";
import { whole } from "../numbers.ts";

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  /** Events in a chat, for each size that is measured. */
  readonly histories: readonly number[];
  /** Rooms of each size at most; of long histories fewer. */
  readonly rooms: number;
  /** Entries in a queue. */
  readonly queue: number;
  /** Rooms woken after each start and not counted. */
  readonly warmUp: number;
  /** A folder for CPU profiles of the server; null: none. */
  readonly profile: string | null;
}

export const usage = `npm run bench -- activation [options]      a full run takes about six minutes

  --json               last line: one JSON object
  --quick              a smoke run of about a minute; its figures mean little
  --rounds <n>         rounds, the sizes alternating (5)
  --histories <a,b,c>  events in a chat (100,1000,10000,100000)
  --rooms <n>          rooms of each size at most (40)
  --queue <n>          entries in a queue (200)
  --profile <folder>   CPU profiles of the server`;

/** All rooms of one size together have about so many events at most. */
const eventsOfASize = 400_000;
const fewestRooms = 4;

/** Throws with a message for the user when an option is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      histories: { type: "string" },
      rooms: { type: "string" },
      queue: { type: "string" },
      profile: { type: "string" },
    },
  });
  const { quick } = values;
  const number = (value: string | undefined, standard: number) => (value ? whole(value) : standard);
  return {
    json: values.json,
    rounds: number(values.rounds, quick ? 1 : 5),
    histories: (values.histories ?? (quick ? "100,10000" : "100,1000,10000,100000")).split(",").map(whole),
    rooms: number(values.rooms, quick ? 4 : 40),
    queue: number(values.queue, quick ? 20 : 200),
    warmUp: quick ? 20 : 200,
    profile: values.profile ?? null,
  };
}

/** How many rooms of a size there are. */
export function roomsOf(history: number, most: number): number {
  return Math.min(most, Math.max(fewestRooms, Math.floor(eventsOfASize / history)));
}
