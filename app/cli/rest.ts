import type { z } from "zod";
import {
  type ClusterProcess,
  type ClusterRoom,
  clusterProcess,
  clusterProcesses,
  clusterRooms,
  type MoveOutcome,
  moveOutcome,
  type RebalancePlan,
  rebalancePlan,
} from "../../core/protocol/cluster.ts";
import { tokenReply } from "../../core/protocol/rest.ts";
import { searchBuilds, searchRebuild } from "../../core/protocol/rest-search.ts";
import { exitCodes, Failure, usage } from "./failure.ts";
import { baseOf, type Call, type Limits, readBody, send } from "./http.ts";
import type { CliSettings } from "./settings.ts";

/** The server's controls. Each answers in time or throws a Failure. */
export interface Rest {
  processes(): Promise<readonly ClusterProcess[]>;
  rooms(query: RoomsQuery): Promise<{ readonly items: readonly ClusterRoom[]; readonly next: string | null }>;
  drain(process: string): Promise<ClusterProcess>;
  undrain(process: string): Promise<ClusterProcess>;
  move(
    room: RoomAddress,
    options: { readonly to: string | null; readonly force: boolean },
  ): Promise<MoveOutcome>;
  rebalance(options: { readonly dryRun: boolean }): Promise<RebalancePlan>;
  /** Begins to make the index of the search anew, or goes on with that. */
  rebuildSearch(): Promise<{ readonly generation: number }>;
  searchBuilds(): Promise<z.output<typeof searchBuilds>>;
  /** Ends the session, if there is one. Never throws. */
  signOut(): Promise<void>;
}

export interface RoomAddress {
  readonly kind: ClusterRoom["kind"];
  readonly id: string;
}

export interface RoomsQuery {
  readonly process?: string | undefined;
  readonly kind?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

interface Session {
  readonly token: string;
  /** null: the token was given to us, so we neither renew nor end it. */
  readonly refresh: string | null;
}

/** What an access token that is not taken any more is refused with. */
const endings = ["unauthenticated", "session_ended"];
/** So many times as long as for any other answer: a password is slow to check, */
const signInFactor = 3;
/** and a room may wait for its turn on two processes. */
const moveFactor = 6;

export function createRest({ url, credentials }: CliSettings, limits: Limits): Rest {
  const base = baseOf(url);
  let session: Promise<Session> | null = null;

  const request = async <T>(schema: z.ZodType<T>, call: Call, token: string | null): Promise<T> => {
    const response = await send(base, call, token, limits);
    const parsed = schema.safeParse(await readBody(base, response));
    if (parsed.success) return parsed.data;
    throw new Failure(
      exitCodes.failed,
      "unknown_form",
      `${base} answers in a form that this version does not know.`,
    );
  };
  const open = async (path: string, body: object): Promise<Session> => {
    const call = { method: "POST", path, body, patience: signInFactor } as const;
    const { access_token, refresh_token } = await request(tokenReply, call, null);
    return { token: access_token, refresh: refresh_token ?? null };
  };
  const signIn = async (): Promise<Session> => {
    if (credentials === null) throw usage(noCredentials);
    if ("token" in credentials) return { token: credentials.token, refresh: null };
    return open("v1/auth/token", credentials);
  };
  const keep = (opening: Promise<Session>): Promise<Session> => {
    session = opening.catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  };

  /** An access token lives for minutes, a watch for hours: one that has expired is replaced. */
  const ask = async <T>(schema: z.ZodType<T>, call: Call): Promise<T> => {
    const { token, refresh } = await (session ?? keep(signIn()));
    try {
      return await request(schema, call, token);
    } catch (error) {
      if (!(error instanceof Failure) || !endings.includes(error.code)) throw error;
      if (refresh === null) throw new Failure(error.exitCode, error.code, badToken);
      const renewed = open("v1/auth/refresh", { refresh_token: refresh }).catch(signIn);
      return request(schema, call, (await keep(renewed)).token);
    }
  };

  return {
    processes: async () =>
      (await ask(clusterProcesses, { method: "GET", path: "v1/cluster/processes" })).items,
    rooms: (query) => ask(clusterRooms, { method: "GET", path: `v1/cluster/rooms?${searchOf(query)}` }),
    drain: (id) => ask(clusterProcess, { method: "POST", path: `v1/cluster/processes/${id}/drain` }),
    undrain: (id) => ask(clusterProcess, { method: "POST", path: `v1/cluster/processes/${id}/undrain` }),
    move: ({ kind, id }, body) =>
      ask(moveOutcome, {
        method: "POST",
        path: `v1/cluster/rooms/${kind}/${id}/move`,
        body,
        patience: moveFactor,
      }),
    rebalance: (body) => ask(rebalancePlan, { method: "POST", path: "v1/cluster/rebalance", body }),
    rebuildSearch: () => ask(searchRebuild, { method: "POST", path: "v1/search/rebuild" }),
    searchBuilds: () => ask(searchBuilds, { method: "GET", path: "v1/search/rebuild" }),
    signOut: async () => {
      const refresh = (await session?.catch(() => null))?.refresh ?? null;
      if (refresh === null) return;
      const body = { refresh_token: refresh };
      const signal = new AbortController().signal;
      const call = { method: "POST", path: "v1/auth/logout", body, patience: 0.2 } as const;
      await send(base, call, null, { ...limits, signal }).catch(() => null);
    },
  };
}

const noCredentials =
  "Say who you are: set HUGMEDO_TOKEN, or HUGMEDO_USER and HUGMEDO_PASSWORD, to an operator's " +
  "(of the demo: operator and demo-operator).";

const badToken = "The token of HUGMEDO_TOKEN is not valid, or has expired. Get a new one.";

function searchOf(query: RoomsQuery): URLSearchParams {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
}
