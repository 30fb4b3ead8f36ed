import { failureClasses } from "../../domain/call/facts.ts";
import { backendNames } from "../../domain/call/state.ts";
import type { ErrorCode } from "../../domain/errors.ts";
import { roomKinds } from "../../domain/room.ts";
import { signInOutcomes } from "../identity/sign-in.ts";
import { type Levels, registerLevels } from "./levels.ts";
import { Registry } from "./meters.ts";
import { registerProcess } from "./process-levels.ts";

/**
 * How an append ended. `fenced`: another owner has the room, and nothing was written. `unknown`: the answer was
 * lost. `locked`: the room was being claimed, it goes again.
 */
export type AppendOutcome = (typeof appendOutcomes)[number];
const appendOutcomes = ["appended", "repeated", "fenced", "locked", "unknown"] as const;

/** Why a command was not done: its room says no, as it should; too much at once; we or the database failed. */
export type Refusal = (typeof refusals)[number];
const refusals = ["refused", "busy", "failed"] as const;

const busy: readonly ErrorCode[] = ["busy", "rate_limited"];
const failed: readonly ErrorCode[] = ["unavailable", "media_unavailable", "internal", "room_closed"];

export function refusalOf(code: ErrorCode): Refusal {
  if (busy.includes(code)) return "busy";
  return failed.includes(code) ? "failed" : "refused";
}

/** Up to the patience of whoever waits (s). */
const answerTimes = [
  0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1, 2.5, 5, 10,
];
const gapTimes = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const callTimes = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Up to what a call may be without a backend. */
const callGapTimes = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 120, 300];
const lagTimes = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const batchSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * What operators watch, of one process. docs/monitoring.md has the same list. Nothing here is about a person, a room or an
 * organisation: every label's values are listed above.
 */
export function createMetrics() {
  const registry = new Registry("hugmedo_");
  const levels: Partial<Levels> = {};
  const metrics = {
    ...commandMetrics(registry),
    ...callMetrics(registry),
    ...journalMetrics(registry),
    ...clusterMetrics(registry),
    mediaWorkerDeaths: registry.counter(
      "media_worker_deaths_total",
      "Workers of mediasoup that died here: every call on one went on elsewhere, after a gap. Look at the kernel's log, then at memory.",
    ),
    glassesBroken: registry.counter(
      "break_glass_total",
      "Times that somebody opened a room which they have no part in, in an emergency. Each has a reason: an administrator or auditor reads it.",
    ),
    signIns: registry.counters(
      "sign_ins_total",
      "Tries to sign in with a password. rejected: a wrong name or password; throttled: refused, as there were too many; challenged: the second factor was asked for. Many rejected or throttled: somebody guesses.",
      { outcome: signInOutcomes },
    ),
    webhookDeliveries: registry.counters(
      "webhook_tries_total",
      "Tries to deliver an event to a webhook. failed: it is tried again; dead: that was the last try.",
      { outcome: ["delivered", "failed", "dead"] },
    ),
    eventLoopLag: registry.histogram(
      "event_loop_lag_seconds",
      "How late a timer is, asked ten times a second: what everyone here waits on top. Above 0.1 for long: add processes.",
      lagTimes,
    ),
    /** Says where levels are read; what was said before stays. */
    watch: (more: Partial<Levels>): void => void Object.assign(levels, more),
    /** As Prometheus reads it, with how the checks of /readyz came out. */
    text: (checks: Readonly<Record<string, boolean>> = {}): string => {
      levels.checks = () => checks;
      return registry.text();
    },
  };
  registerLevels(registry, levels);
  registerProcess(registry);
  return metrics;
}

function commandMetrics(registry: Registry) {
  return {
    acknowledgement: registry.histograms(
      "acknowledgement_seconds",
      "From a command's arrival at its room to its durable answer. When append_seconds is fast and this is slow, look at event_loop_lag_seconds.",
      { kind: roomKinds },
      answerTimes,
    ),
    refusals: registry.counters(
      "refusals_total",
      "Requests by socket that were not done. refused: the room said no, as it should; busy: too much at once, add processes; failed: the database or we failed, see the log.",
      { kind: roomKinds, reason: refusals },
    ),
    gaps: registry.histograms(
      "client_gap_seconds",
      "How long people who came back were without their room. broken: their connection broke; moved: the room came here, until they took their seat.",
      { cause: ["broken", "moved"] },
      gapTimes,
    ),
  };
}

function callMetrics(registry: Registry) {
  return {
    callOpening: registry.histograms(
      "call_open_seconds",
      "From the choice of a backend (the first media.join, or a failure) to its session being open; _count is the number of sessions opened.",
      { backend: backendNames },
      callTimes,
    ),
    callFailures: registry.counters(
      "call_failures_total",
      "Sessions of calls that failed. not_opened: the backend could not; lost: it lost a running one; gone: it knows it no more; connection: somebody's media did not come through; other: a browser said so. The next backend carries on.",
      { backend: backendNames, reason: failureClasses },
    ),
    callGaps: registry.histogram(
      "call_gap_seconds",
      "How long people in a call were without a backend, until the next one carried it.",
      callGapTimes,
    ),
    callJoin: registry.histograms(
      "call_join_seconds",
      "How long a backend took to let somebody in, on the server alone.",
      { backend: backendNames },
      callTimes,
    ),
  };
}

function journalMetrics(registry: Registry) {
  return {
    append: registry.histograms(
      "append_seconds",
      "One append statement and its commit as seen from here: network, locks, PostgreSQL's work and its flush to disk. Slow: look at the database's disk first.",
      { outcome: ["answered", "failed"] },
      answerTimes,
    ),
    batchRooms: registry.histogram(
      "append_batch_rooms",
      "Rooms that travelled in one append statement; _count is the number of statements. Grows with load, by design.",
      batchSizes,
    ),
    appends: registry.counters(
      "appends_total",
      "Appends of rooms. fenced: refused, as another process owns the room; some around a stall or take-over are the fence at work, at other times look for a process that stands still.",
      { kind: roomKinds, outcome: appendOutcomes },
    ),
    events: registry.counters("events_total", "Events that were made durable.", { kind: roomKinds }),
    mends: registry.counters(
      "mends_total",
      "Rooms that found out what became of an append whose answer was lost. lost: another process has the room by now. Many: look at the way to the database.",
      { outcome: ["mended", "lost"] },
    ),
  };
}

function clusterMetrics(registry: Registry) {
  return {
    activation: registry.histograms(
      "activation_seconds",
      "Waking a room here: claim, snapshot, tail of the journal; _count is the number of rooms woken. Slow: look at the database.",
      { kind: roomKinds },
      answerTimes,
    ),
    handoffs: registry.counters(
      "handoffs_total",
      "Rooms that were to move away from this process. failed: they go on here; see their lines in the log.",
      { outcome: ["moved", "failed"] },
    ),
    handoffPause: registry.histogram(
      "handoff_pause_seconds",
      "How long a room that moved took no commands. Above 0.25: move fewer at once, look at append_seconds.",
      gapTimes,
    ),
    failovers: registry.counter(
      "failovers_total",
      "Rooms taken over from a process that had died or was silent for too long. Find out which, and why.",
    ),
    suspensions: registry.counter(
      "suspensions_total",
      "Times that this process stopped serving as it could not renew its lease: the database was away, or the process stood still.",
    ),
  };
}
