import type { Recorded } from "../feature.ts";
import { keep } from "../lib/bounded.ts";
import { deadlineKey, entryDeadline, queueDeadlineKeys } from "./deadlines.ts";
import type { QueueEvent } from "./events.ts";
import { evolveEntries, freedFrom } from "./evolve-entries.ts";
import {
  noticeLimit,
  type QueueState,
  serviceLimit,
  type Tally,
  tallyLimit,
  transferLimit,
} from "./state.ts";
import { loadQueue } from "./stored.ts";

/** Folds one recorded event into the queue. Total, and no dearer for a long queue than for a short one. */
export function evolveQueue(state: QueueState, recorded: Recorded<QueueEvent>): QueueState {
  const next = countIn(apply(counted(state, recorded.by), recorded), recorded);
  const { nextHours, suspended, clearAt } = state;
  const same = next.nextHours === nextHours && next.suspended === suspended && next.clearAt === clearAt;
  return same ? next : withQueueDeadlines(state, next);
}

function counted(state: QueueState, by: string): QueueState {
  return by === "system" ? { ...state, dues: state.dues + 1 } : state;
}

function apply(state: QueueState, recorded: Recorded<QueueEvent>): QueueState {
  const { at, by, event } = recorded;
  switch (event.type) {
    case "queue.created":
      return {
        ...state,
        created: true,
        settings: event.settings,
        staff: Object.fromEntries(event.staff.map(({ person, name }) => [person, name])),
      };
    case "queue.configured":
      return withEntryDeadlines({ ...state, settings: event.settings, nextHours: event.nextHours });
    case "queue.carriedOn":
      return loadQueue(event.queue);
    case "queue.staffChanged": {
      const { [event.person]: _was, ...others } = state.staff;
      if (event.on) return { ...state, staff: { ...others, [event.person]: event.name } };
      const { [event.person]: _duty, ...duty } = state.duty;
      return { ...state, staff: others, duty };
    }
    case "queue.opened":
      return { ...state, opening: "open", suspended: null, nextHours: event.nextHours, clearAt: null };
    case "queue.closed": {
      const { nextHours, clearAt } = event;
      return { ...state, opening: "closed", suspended: null, nextHours, clearAt };
    }
    case "queue.suspended":
      return { ...state, opening: "suspended", suspended: { until: event.until, notice: event.notice } };
    case "queue.dutyChanged": {
      const { [event.person]: _was, ...others } = state.duty;
      const { person, name, status, clinician } = event;
      if (status === null) return { ...state, duty: others };
      return { ...state, duty: { ...others, [person]: { name, status, clinician, since: at, visit: null } } };
    }
    case "queue.declined":
      return { ...state, declined: keep(state.declined, event.transfer, transferLimit) };
    case "queue.used": {
      const { [event.patient]: used, ...others } = state.admitted;
      return used?.visit === event.visit ? { ...state, admitted: others } : state;
    }
    case "queue.served":
      return served(state, event, at);
    case "queue.notified":
      return event.entry === null
        ? { ...state, notices: keep(state.notices, { body: event.body, at, by }, noticeLimit) }
        : evolveEntries(state, { ...recorded, event });
    default:
      return evolveEntries(state, { ...recorded, event });
  }
}

function served(
  state: QueueState,
  { visit, patient, ms }: Extract<QueueEvent, { type: "queue.served" }>,
  at: number,
): QueueState {
  const { [patient]: open, ...others } = state.admitted;
  const admitted = open?.visit === visit ? others : state.admitted;
  const services = ms === null ? state.services : keep(state.services, ms, serviceLimit);
  return { ...state, admitted, services, duty: freedFrom(state.duty, visit, at) };
}

const hourMs = 3_600_000;

function countIn(state: QueueState, { at, event }: Recorded<QueueEvent>): QueueState {
  if (event.type === "queue.joined" || event.type === "queue.arrived") {
    return tally(state, at, (counts) => ({ ...counts, joined: counts.joined + 1 }));
  }
  if (event.type !== "queue.left" || event.how === "transferred") return state;
  if (event.how !== "admitted") {
    return tally(state, at, (counts) => ({ ...counts, abandoned: counts.abandoned + 1 }));
  }
  const waited = Math.max(0, at - event.waitingSince);
  return tally(state, at, (counts) => ({
    ...counts,
    admitted: counts.admitted + 1,
    waited: counts.waited + waited,
  }));
}

function tally(state: QueueState, at: number, count: (counts: Tally) => Tally): QueueState {
  const hour = at - (at % hourMs);
  const last = state.tallies.at(-1);
  if (last && last.hour >= hour) return { ...state, tallies: state.tallies.with(-1, count(last)) };
  const fresh = { hour, joined: 0, admitted: 0, abandoned: 0, waited: 0 };
  return { ...state, tallies: keep(state.tallies, count(fresh), tallyLimit) };
}

function withQueueDeadlines(before: QueueState, after: QueueState): QueueState {
  let { deadlines } = after;
  for (const [key] of queueDeadlineKeys(before)) deadlines = deadlines.delete(key);
  for (const [key, deadline] of queueDeadlineKeys(after)) deadlines = deadlines.set(key, deadline);
  return { ...after, deadlines };
}

/** After a change of settings every entry's times are others. */
function withEntryDeadlines(state: QueueState): QueueState {
  let { deadlines } = state;
  for (const [key, { entry }] of deadlines) if (entry !== null) deadlines = deadlines.delete(key);
  for (const entry of state.entries.values()) {
    const deadline = entryDeadline(entry, state.settings);
    if (deadline) deadlines = deadlines.set(deadlineKey(deadline), deadline);
  }
  return { ...state, deadlines };
}
