import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import {
  type ClusterProcess,
  type ClusterRoom,
  clusterProcess,
  clusterProcesses,
  clusterRooms,
  type MoveOutcome,
  moveOutcome,
} from "../../../core/protocol/cluster.ts";
import { undecided } from "../../checker/violation.ts";

/** Who runs the cluster, by its REST interface. Every call throws `Refused` where the answer is a refusal. */
export interface Operator {
  processAt(address: string): Promise<ClusterProcess>;
  /** Those that are awake. */
  rooms(): Promise<readonly ClusterRoom[]>;
  drain(id: string): Promise<void>;
  undrain(id: string): Promise<void>;
  move(room: ClusterRoom, to: string | null): Promise<MoveOutcome>;
}

export class Refused extends Error {
  readonly code: string;

  constructor(code: string, path: string) {
    super(`${path} was refused: ${code}`);
    this.code = code;
  }
}

const pageSize = 200;
const answerWithin = 20_000;
const tries = 10;
const problem = z.looseObject({ code: z.string() });

export function createOperator(url: string, token: string): Operator {
  const call = async <T>(
    method: "GET" | "POST",
    path: string,
    reply: z.ZodType<T>,
    body?: object,
  ): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(answerWithin),
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Refused(problem.safeParse(answer).data?.code ?? "unknown", path);
    return reply.parse(answer);
  };
  /** What changes nothing the second time is asked again: what is asked may be the very process that is down. */
  const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (let left = tries; ; left -= 1) {
      try {
        return await ask();
      } catch (error) {
        if (left <= 1 || (error instanceof Refused && !undecided.includes(error.code))) throw error;
        await delay(300);
      }
    }
  };
  return {
    processAt: async (address) => {
      const { items } = await insist(() => call("GET", "/v1/cluster/processes", clusterProcesses));
      const found = items.findLast((one) => one.address === address && one.state !== "gone");
      if (!found) throw new Error(`there is no process at ${address}`);
      return found;
    },
    rooms: async () => {
      const all: ClusterRoom[] = [];
      for (let after: string | null = null, more = true; more; more = after !== null) {
        const query: string = after === null ? "" : `&after=${encodeURIComponent(after)}`;
        const page = await insist(() =>
          call("GET", `/v1/cluster/rooms?limit=${pageSize}${query}`, clusterRooms),
        );
        all.push(...page.items.filter(({ process }) => process !== null));
        after = page.next;
      }
      return all;
    },
    drain: async (id) => {
      await insist(() => call("POST", `/v1/cluster/processes/${id}/drain`, clusterProcess));
    },
    undrain: async (id) => {
      await insist(() => call("POST", `/v1/cluster/processes/${id}/undrain`, clusterProcess));
    },
    move: ({ kind, id }, to) => call("POST", `/v1/cluster/rooms/${kind}/${id}/move`, moveOutcome, { to }),
  };
}
