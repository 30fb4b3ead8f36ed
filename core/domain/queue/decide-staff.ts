import { type Forerunner, type Rejection, rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import { hasRole, type Principal } from "../principal.ts";
import type {
  CallEntry,
  HoldEntry,
  MarkNoShow,
  MoveEntry,
  NotifyEntry,
  PrioritiseEntry,
  RemoveEntry,
  ResumeEntry,
} from "./commands.ts";
import type { QueueEvent } from "./events.ts";
import { rankBefore, rankFor } from "./order.ts";
import type { DepartureKind, Entry, QueueState, StaffName } from "./state.ts";

type Found = { readonly entry: Entry } | { readonly refusal: Rejection };

/** The entry that staff mean, if it can be acted on; else why not, and who was faster. */
export function findEntry(state: QueueState, id: string): Found {
  const entry = state.entries.get(id);
  if (!entry) {
    const gone = state.departed.findLast((departure) => departure.entry === id);
    if (!gone) return { refusal: rejection("entry_not_found") };
    const { by, at } = gone;
    return { refusal: by ? faster({ ...by, at }, "entry_gone") : rejection("entry_gone") };
  }
  if (entry.leaving) {
    const { by, since } = entry.leaving;
    return { refusal: faster({ ...by, at: since }, "entry_taken") };
  }
  return { entry };
}

function faster(first: Forerunner, code: "entry_gone" | "entry_taken"): Rejection {
  const { person, name, at } = first;
  return { ...rejection(code), first: { person, name, at } };
}

/** A clinician's call is theirs; one by the front desk is for any clinician. */
export function takenBy(entry: Entry, by: Principal): Rejection | null {
  const { call, status } = entry;
  if (!call?.clinician || call.person === by.id) return null;
  return status === "called" || status === "confirmed" ? faster(call, "entry_taken") : null;
}

export function nameOf(by: Principal): StaffName {
  return { person: by.id, name: by.name };
}

export function callEntry(state: QueueState, command: CallEntry, by: Principal): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const { id, status, call, awaySince } = found.entry;
  if (state.opening === "suspended") return refuse(rejection("queue_suspended"));
  if (awaySince !== null) return refuse(rejection("entry_away"));
  if (call && (status === "called" || status === "confirmed")) {
    return call.person === by.id ? accept() : refuse(faster(call, "entry_taken"));
  }
  const clinician = hasRole(by, "clinician");
  return accept({ type: "queue.called", entry: id, name: by.name, clinician });
}

export function holdEntry(state: QueueState, command: HoldEntry, by: Principal): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const taken = takenBy(found.entry, by);
  if (taken) return refuse(taken);
  if (found.entry.status === "held") return accept();
  return accept({ type: "queue.held", entry: found.entry.id, name: by.name });
}

/** Ends a hold; of a call it takes the call back. */
export function resumeEntry(state: QueueState, command: ResumeEntry): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const { id, status } = found.entry;
  const resumable = status === "held" || status === "called" || status === "confirmed";
  return resumable ? accept({ type: "queue.resumed", entry: id }) : accept();
}

export function moveEntry(state: QueueState, command: MoveEntry): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const { id, rank } = found.entry;
  if (command.before === id) return accept();
  const before = command.before === null ? null : state.entries.get(command.before);
  if (before === undefined) {
    const gone = findEntry(state, command.before ?? "");
    return refuse("refusal" in gone ? gone.refusal : rejection("entry_gone"));
  }
  const next = state.order.after(rank);
  if ((next?.[1] ?? null) === command.before) return accept();
  const { reason } = command;
  return accept({ type: "queue.moved", entry: id, rank: rankBefore(state, before, id), reason });
}

export function prioritiseEntry(state: QueueState, command: PrioritiseEntry): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const { id, waitingSince } = found.entry;
  const { priority, reason } = command;
  if (found.entry.priority === priority) return accept();
  const rank = rankFor(state, { id, priority, waitingSince });
  return accept({ type: "queue.prioritised", entry: id, priority, rank, reason });
}

export function notifyEntry(state: QueueState, { entry, body }: NotifyEntry): Decision<QueueEvent> {
  const found = entry === null ? null : findEntry(state, entry);
  if (found && "refusal" in found) return refuse(found.refusal);
  return accept({ type: "queue.notified", entry, body });
}

export function markNoShow(state: QueueState, command: MarkNoShow, by: Principal): Decision<QueueEvent> {
  return release(state, command.entry, "noShow", null, by);
}

export function removeEntry(state: QueueState, command: RemoveEntry, by: Principal): Decision<QueueEvent> {
  return release(state, command.entry, "removed", command.reason, by);
}

function release(
  state: QueueState,
  id: string,
  how: DepartureKind,
  reason: string | null,
  by: Principal,
): Decision<QueueEvent> {
  const found = findEntry(state, id);
  if ("refusal" in found) return refuse(found.refusal);
  const taken = takenBy(found.entry, by);
  if (taken) return refuse(taken);
  const { patient, waitingSince } = found.entry;
  const gone = { entry: id, patient, waitingSince, by: nameOf(by), reason };
  return accept({ type: "queue.left", how, ...gone });
}
