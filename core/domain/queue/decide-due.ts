import { accept, type Decision } from "../feature.ts";
import type { DueQueue } from "./commands.ts";
import type { QueueEvent } from "./events.ts";
import { clearTime, nextHours, opening } from "./opening.ts";
import type { DeadlineKind, DepartureKind, Entry, QueueState } from "./state.ts";

/** So many deadlines are met by one command; the rest follow at once. */
const atOnce = 200;

/**
 * What is due, soonest first. What concerns the queue as a whole is decided by itself, as it follows from
 * the state after everything before it.
 */
export function decideDue(state: QueueState, command: DueQueue, now: number): Decision<QueueEvent> {
  const until = Math.max(now, command.at);
  const events: QueueEvent[] = [];
  for (const { at, kind, entry } of state.deadlines.values()) {
    if (at > until || events.length >= atOnce) break;
    if (entry !== null) events.push(...eventsOf(state, kind, entry));
    else return accept(...(events.length > 0 ? events : queueEventsOf(state, kind, until)));
  }
  return accept(...events);
}

function eventsOf(state: QueueState, kind: DeadlineKind, id: string): readonly QueueEvent[] {
  const entry = state.entries.get(id);
  if (!entry) return [];
  const left = (how: DepartureKind): readonly QueueEvent[] => [
    { type: "queue.left", how, ...goneFrom(entry) },
  ];
  switch (kind) {
    case "unanswered":
      return [{ type: "queue.unanswered", entry: id }];
    case "noShow":
      return left("noShow");
    case "away":
      return [{ type: "queue.wentAway", entry: id }];
    case "release":
      return left("released");
    case "resume":
      return [{ type: "queue.resumed", entry: id }];
    case "longWait":
      return [{ type: "queue.longWait", entry: id }];
    case "recall":
      return [{ type: "queue.recalled", entry: id, code: null }];
    default:
      return [];
  }
}

function queueEventsOf(state: QueueState, kind: DeadlineKind, now: number): readonly QueueEvent[] {
  switch (kind) {
    case "hours":
      return [hoursChanged(state, now)];
    case "unsuspend":
      return [{ type: "queue.opened", nextHours: nextHours(state.settings, now) }];
    case "clear":
      return cleared(state, now);
    default:
      return [];
  }
}

/** A queue that staff paused stays paused while the hours say open. */
function hoursChanged(state: QueueState, now: number): QueueEvent {
  const change = opening(state.settings, now);
  if (change.type === "queue.closed" && state.opening === "closed") {
    return { ...change, clearAt: state.clearAt };
  }
  if (change.type !== "queue.opened" || state.opening !== "suspended") return change;
  return { type: "queue.configured", settings: state.settings, nextHours: change.nextHours };
}

/**
 * Nobody waits overnight: whoever is still here long after closing is released, and told so. Whoever is on
 * the way elsewhere may yet come back: then it is done again.
 */
function cleared(state: QueueState, now: number): readonly QueueEvent[] {
  const left = [...state.entries.values()]
    .filter(({ leaving }) => !leaving)
    .map((entry) => ({ type: "queue.left", how: "closed", ...goneFrom(entry) }) as const);
  const clearAt = state.leaving.size > 0 ? clearTime(state.settings, now) : null;
  return [...left, { type: "queue.closed", nextHours: nextHours(state.settings, now), clearAt }];
}

/** Nobody did it: the time had come. */
function goneFrom({ id, patient, waitingSince }: Entry) {
  return { entry: id, patient, waitingSince, by: null, reason: null };
}

/** Connections do not survive their process: everyone is disconnected until they are back. */
export function decideWake(state: QueueState): Decision<QueueEvent> {
  for (const { offlineSince } of state.entries.values()) {
    if (offlineSince === null) return accept({ type: "queue.woke" });
  }
  return accept();
}
