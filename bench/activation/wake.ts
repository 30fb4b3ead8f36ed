import { isDeepStrictEqual } from "node:util";
import { cpuBetween, readCpu, type WatchedProcess } from "../cpu.ts";
import type { Sleeper } from "./rooms.ts";
import type { Group } from "./world.ts";

/** What one group of rooms had as results after one start. Milliseconds, microseconds. */
export interface Woken {
  readonly group: string;
  /** From the request that finds the room asleep until its answer; one a room, sorted. */
  readonly wakeMs: readonly number[];
  /** The same request once more, of the room that is awake by then; sorted. */
  readonly awakeMs: readonly number[];
  /** CPU of each process for one wake, its request included. */
  readonly cpu: Readonly<Record<string, number>>;
  /** The window of the wakes, in microseconds, and what else ran meanwhile. */
  readonly window: number;
  readonly others: number;
}

/** Wakes one room after the other. Throws when one answers otherwise than it should. */
export async function wakeGroup(
  url: string,
  { name, rooms }: Pick<Group, "name" | "rooms">,
  processes: readonly WatchedProcess[],
): Promise<Woken> {
  const before = readCpu(processes);
  const since = performance.now();
  const wakeMs = await askAll(url, rooms);
  const window = performance.now() - since;
  const { others = 0, ...cpu } = cpuBetween(before, readCpu(processes));
  const awakeMs = await askAll(url, rooms);
  return {
    group: name,
    wakeMs,
    awakeMs,
    cpu: Object.fromEntries(Object.entries(cpu).map(([process, used]) => [process, used / rooms.length])),
    window: window * 1_000,
    others,
  };
}

async function askAll(url: string, rooms: readonly Sleeper[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (const room of rooms) times.push(await ask(url, room));
  return times.sort((a, b) => a - b);
}

async function ask(url: string, { ref: { kind, id }, token, request, answer }: Sleeper): Promise<number> {
  const since = performance.now();
  const response = await fetch(`${url}/v1/rooms/${kind}/${id}/commands`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
  });
  const body: unknown = await response.json();
  const took = performance.now() - since;
  if (response.status !== answer.status || !says(body, answer.body)) {
    throw new Error(`${kind} ${id} answered ${response.status}: ${JSON.stringify(body).slice(0, 500)}`);
  }
  return took;
}

function says(body: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  if (typeof body !== "object" || body === null) return false;
  const fields = new Map(Object.entries(body));
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(fields.get(name), value));
}
