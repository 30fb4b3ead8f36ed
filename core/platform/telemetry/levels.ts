import type { BackendName } from "../../domain/call/state.ts";
import type { RoomKindName } from "../../domain/room.ts";
import type { Database, PoolUse } from "../database/database.ts";
import type { Guards } from "../resilience/guards.ts";
import { registerDependencies } from "./dependencies.ts";
import type { Registry } from "./meters.ts";

/** What is asked when somebody reads the metrics, and costs nothing until then. What is left out is not shown. */
export interface Levels {
  /** Of /readyz, by name. */
  checks(): Readonly<Record<string, boolean>>;
  roomsAwake(): Readonly<Record<RoomKindName, number>>;
  /** Sign-ins with a connection here. */
  people(): number;
  connections(): number;
  /** People in calls of rooms that are awake here. */
  callers(): number;
  /** Whether each backend of calls is left alone, as it fails. */
  mediaFailing(): ReadonlyMap<BackendName, boolean>;
  /** Rooms that wait for their append's turn. */
  appendsWaiting(): number;
  /** undefined, as with the next two: the process is alone. */
  draining(): boolean | undefined;
  suspended(): boolean | undefined;
  /** Since the lease was last renewed (s). */
  leaseAge(): number | undefined;
  pools: Database["pools"];
  mediaNode(): MediaNodeLevels | undefined;
  /** What is asked outside this process. */
  dependencies: Pick<Guards, "records" | "waiting">;
  /** How long the audit's oldest entry has waited for its seal (s). */
  auditUnsealed(): number;
  /** Of the journal's readers (s), by name. */
  webhooks(): WebhookLevels | undefined;
  projectionLag(): Readonly<Record<string, number>>;
  /** Since the oldest committed event that no reader may see yet (s). */
  horizonAge(): number | undefined;
  /** How often each reader has failed here since it last succeeded. */
  projectionFailures(): Readonly<Record<string, number>>;
}

/** Of all organisations together. */
export interface WebhookLevels {
  /** Since the oldest event that waits to be delivered (s). */
  readonly lag: number;
  readonly dead: number;
  /** Webhooks that were paused or disabled as they failed. */
  readonly stopped: number;
}

/** Of the media node of this process. */
export interface MediaNodeLevels {
  readonly workers: number;
  readonly sessions: number;
  readonly producers: number;
  readonly consumers: number;
}

/** Registers every level; `levels` may be filled in later. */
export function registerLevels(registry: Registry, levels: Partial<Levels>): void {
  registry.readings(
    "check_ok",
    "check",
    "The checks of /readyz: 1 ok, 0 not. event_loop, redis and, where there are rooms, media at 0 do not make a process unready; any other does.",
    () => numbers(levels.checks?.()),
  );
  registry.readings("rooms_awake", "kind", "Rooms that are awake here.", () => ({
    ...levels.roomsAwake?.(),
  }));
  registry.reading(
    "people_connected",
    "People with a connection to this process; somebody on two devices counts twice.",
    () => levels.people?.(),
  );
  registry.reading("connections", "Connections of people to rooms here; somebody in two rooms has two.", () =>
    levels.connections?.(),
  );
  registry.reading(
    "appends_waiting",
    "Rooms whose append waits for its turn. Hundreds for long: the database does not keep up.",
    () => levels.appendsWaiting?.(),
  );
  registry.reading(
    "audit_unsealed_seconds",
    "How long the oldest entry of the audit has waited to be chained, as of this process' last look. Above 60: look at the log, then at the database and the object store.",
    () => levels.auditUnsealed?.(),
  );
  registerCalls(registry, levels);
  registerCluster(registry, levels);
  registerConnections(registry, levels);
  registerMediaNode(registry, levels);
  registerDependencies(registry, levels);
  registerReaders(registry, levels);
}

function registerReaders(registry: Registry, levels: Partial<Levels>): void {
  registry.reading(
    "webhook_lag_seconds",
    "Since the oldest event that waits to be delivered to an active webhook, of all organisations. Above 3600: a receiver is down; its organisation knows by the list of deliveries.",
    () => levels.webhooks?.()?.lag,
  );
  registry.reading(
    "webhook_dead_letters",
    "Events that were not delivered in some three days of trying. Tell the organisation: the list of deliveries has them, to be sent again.",
    () => levels.webhooks?.()?.dead,
  );
  registry.reading(
    "webhooks_stopped",
    "Webhooks that were paused after days of failures, or disabled as their receiver asked. Tell the organisation.",
    () => levels.webhooks?.()?.stopped,
  );
  registry.readings(
    "projection_lag_seconds",
    "projection",
    "How far a reader of the journal (search, webhooks and others) is behind, as every process sees it. Rooms do not wait for it. Above 60: see projection_failures, then feed_horizon_age_seconds.",
    () => ({ ...levels.projectionLag?.() }),
  );
  registry.readings(
    "projection_failures",
    "projection",
    "How often a reader of the journal has failed in this process since it last succeeded. Above 3: the log says why.",
    () => ({ ...levels.projectionFailures?.() }),
  );
  registry.reading(
    "feed_horizon_age_seconds",
    "Age of the oldest event that is committed and that no reader may see yet. Above 10: a transaction is left open somewhere on the database's server; end it.",
    () => levels.horizonAge?.(),
  );
}

function registerMediaNode(registry: Registry, levels: Partial<Levels>): void {
  registry.reading(
    "media_workers",
    "Workers of mediasoup that run here; each has one core.",
    () => levels.mediaNode?.()?.workers,
  );
  registry.reading(
    "media_sessions",
    "Sessions of calls that run on mediasoup here.",
    () => levels.mediaNode?.()?.sessions,
  );
  registry.reading(
    "media_producers",
    "Sounds and pictures that people give to others here.",
    () => levels.mediaNode?.()?.producers,
  );
  registry.reading(
    "media_consumers",
    "Sounds and pictures that people take here. Above 400 a worker: add media processes.",
    () => levels.mediaNode?.()?.consumers,
  );
}

function registerCalls(registry: Registry, levels: Partial<Levels>): void {
  registry.reading("call_people", "People in calls of rooms that are awake here.", () => levels.callers?.());
  registry.readings(
    "media_backend_failing",
    "backend",
    "1 while this process leaves a backend of calls alone, as it failed again and again. Calls go on over the next one.",
    () => numbers(Object.fromEntries(levels.mediaFailing?.() ?? [])),
  );
}

function registerCluster(registry: Registry, levels: Partial<Levels>): void {
  registry.reading(
    "draining",
    "1 while the process hands its rooms to others and takes no new ones. For longer than a deploy: undrain it.",
    () => number(levels.draining?.()),
  );
  registry.reading(
    "suspended",
    "1 while the process serves nothing, as it could not renew its lease. See to the database.",
    () => number(levels.suspended?.()),
  );
  registry.reading(
    "lease_age_seconds",
    "Since the process last renewed its lease. Others take its rooms when it gets too old.",
    () => levels.leaseAge?.(),
  );
}

function registerConnections(registry: Registry, levels: Partial<Levels>): void {
  const each = (figure: keyof PoolUse) => (): Readonly<Record<string, number>> => {
    const pools = levels.pools?.();
    return pools
      ? { appends: pools.appends[figure], others: pools.others[figure], tenants: pools.tenants[figure] }
      : {};
  };
  registry.readings(
    "database_connections_used",
    "pool",
    "Connections to PostgreSQL that are lent out, of three pools: that of appends, that of what is asked for one organisation, and that of all others.",
    each("used"),
  );
  registry.readings(
    "database_connections_limit",
    "pool",
    "How many connections a pool may have. DATABASE_POOL sets that of the others.",
    each("limit"),
  );
  registry.readings(
    "database_connections_awaited",
    "pool",
    "Statements that wait for a connection. Above 0 for long: look for slow statements, then raise DATABASE_POOL.",
    each("awaited"),
  );
}

function number(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function numbers(flags: Readonly<Record<string, boolean>> = {}): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, Number(flag)]));
}
