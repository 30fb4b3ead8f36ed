import { rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import type { CheckInEntry, JoinQueue, NotePresence } from "./commands.ts";
import type { QueueEvent } from "./events.ts";
import { rankAtEnd } from "./order.ts";
import { checkInFields, entryLimit, entryOf, type QueueState } from "./state.ts";

/** A patient has one place, on however many devices. */
export function joinQueue(state: QueueState, command: JoinQueue, by: Principal): Decision<QueueEvent> {
  if (entryOf(state, by.id)) return accept();
  if (Object.hasOwn(state.admitted, by.id)) return refuse(rejection("already_admitted"));
  if (state.opening === "suspended") {
    return refuse(rejection("queue_suspended", state.suspended?.notice || undefined));
  }
  if (state.opening === "closed") return refuse(rejection("queue_closed"));
  if (state.entries.size >= entryLimit) return refuse(rejection("busy"));
  const { entry, reason, language, needs, visit } = command;
  const rank = rankAtEnd(state);
  const { id: patient, name } = by;
  return accept({ type: "queue.joined", entry, patient, name, reason, language, needs, visit, rank });
}

export function checkInEntry(
  state: QueueState,
  { checkIn }: CheckInEntry,
  by: Principal,
): Decision<QueueEvent> {
  const entry = entryOf(state, by.id);
  if (!entry) return refuse(rejection("entry_gone", "You are not in this queue. Join it first."));
  // It goes with what was known when it left.
  if (entry.leaving) return refuse(rejection("entry_moving"));
  const all = { ...entry.checkIn, ...checkIn };
  if (state.settings.asks.some((field) => all[field] === undefined)) {
    return refuse(rejection("check_in_incomplete"));
  }
  if (checkInFields.every((field) => entry.checkIn?.[field] === all[field])) return accept();
  return accept({ type: "queue.checkedIn", entry: entry.id, checkIn });
}

export function confirmCall(state: QueueState, by: Principal): Decision<QueueEvent> {
  const entry = entryOf(state, by.id);
  if (!entry) return refuse(rejection("entry_gone", "You are not in this queue. Join it first."));
  if (entry.status === "confirmed" || entry.status === "leaving") return accept();
  if (entry.status !== "called") return refuse(rejection("entry_not_called"));
  return accept({ type: "queue.confirmed", entry: entry.id });
}

export function leaveQueue(state: QueueState, by: Principal): Decision<QueueEvent> {
  const entry = entryOf(state, by.id);
  if (!entry) return accept();
  if (entry.status === "leaving") return refuse(rejection("entry_moving"));
  const { id, patient, waitingSince } = entry;
  const gone = { entry: id, patient, waitingSince, by: null, reason: null };
  return accept({ type: "queue.left", how: "left", ...gone });
}

/** What the room notes of a patient's connections. */
export function notePresence(state: QueueState, { person, online }: NotePresence): Decision<QueueEvent> {
  const entry = entryOf(state, person);
  if (!entry || online === (entry.offlineSince === null)) return accept();
  return accept({ type: online ? "queue.cameBack" : "queue.wentOffline", entry: entry.id });
}
