import { parseArgs } from "node:util";
import { positive } from "../numbers.ts";
import { type ClientKind, clientKinds } from "./load/attendee.ts";

export interface Options {
  readonly json: boolean;
  readonly rounds: number;
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Messages a second of each room. */
  readonly rate: number;
  /** Seconds of writing before anything is measured, and measured before the drain. */
  readonly warmUp: number;
  readonly steady: number;
  /** `operator`: as one drains a process by REST. `sigterm`: the process is told to end. */
  readonly by: "operator" | "sigterm";
  readonly client: ClientKind;
  /** Processes that the clients share. */
  readonly clients: number;
  /** A folder for CPU profiles of the servers; null: none. */
  readonly profile: string | null;
}

export const usage = `npm run bench -- handoff [options]      a full run takes about five minutes

  --json               last line: one JSON object
  --quick              a smoke run of half a minute; its figures mean little
  --rounds <n>         drains, there and back again (3)
  --rooms <n>          rooms (1000)
  --members <n>        members of each, all connected (4)
  --rate <n>           messages/s of each room (1)
  --steady <n>         seconds measured before each drain (15)
  --by <how>           operator: a drain by REST; sigterm: the process is told to end (operator)
  --client <kind>      lean: does what our SDK does, for less; sdk: our SDK itself (lean)
  --clients <n>        processes that the clients share (1)
  --profile <folder>   CPU profiles of the servers`;

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
      steady: { type: "string" },
      by: { type: "string", default: "operator" },
      client: { type: "string", default: "lean" },
      clients: { type: "string", default: "1" },
      profile: { type: "string" },
    },
  });
  const { quick, by } = values;
  if (by !== "operator" && by !== "sigterm") throw new Error(`"${by}" is neither operator nor sigterm.`);
  const number = (value: string | undefined, standard: number) => (value ? positive(value) : standard);
  return {
    json: values.json,
    rounds: number(values.rounds, quick ? 1 : 3),
    rooms: number(values.rooms, quick ? 20 : 1_000),
    membersPerRoom: positive(values.members),
    rate: positive(values.rate),
    warmUp: quick ? 1 : 10,
    steady: number(values.steady, quick ? 3 : 15),
    by,
    client: kindOf(values.client),
    clients: positive(values.clients),
    profile: values.profile ?? null,
  };
}

export function kindOf(value: string): ClientKind {
  const kind = clientKinds.find((known) => known === value);
  if (kind) return kind;
  throw new Error(`"${value}" is none of ${clientKinds.join(", ")}.`);
}
