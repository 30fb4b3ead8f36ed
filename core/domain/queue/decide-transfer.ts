import { rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import { hasRole, type Principal } from "../principal.ts";
import type { RoomRef } from "../room.ts";
import type {
  AdmitEntry,
  ArriveInQueue,
  DeclineTransfer,
  SettleTransfer,
  TransferEntry,
  VisitServed,
  VisitUsed,
} from "./commands.ts";
import { findEntry, nameOf, takenBy } from "./decide-staff.ts";
import type { QueueEvent, QueueLeft } from "./events.ts";
import { rankFor } from "./order.ts";
import { type Entry, entryOf, isStaff, type Leaving, type QueueState, type StaffName } from "./state.ts";

/**
 * Transfers and admissions: the entry is marked leaving; the target lets it in (`arrived`, the commit point)
 * or refuses; then it is settled here. One that gets no answer in time is called back: the target either
 * has it already, or will never let it in.
 */
export function admitEntry(state: QueueState, command: AdmitEntry, by: Principal): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const { entry } = found;
  const taken = takenBy(entry, by);
  if (taken) return refuse(taken);
  if (entry.awaySince !== null) return refuse(rejection("entry_away"));
  const clinician = clinicianFor(state, command, by);
  if (!clinician || clinician.person === entry.patient) return refuse(rejection("no_clinician"));
  const to: RoomRef = { kind: "consultation", id: entry.visit ?? command.visit };
  const { transfer } = command;
  return accept({ type: "queue.leaving", entry: entry.id, transfer, to, by: nameOf(by), clinician });
}

/** Whoever admits; for the front desk the clinician it names, or the one who has been free for longest. */
function clinicianFor(state: QueueState, { clinician }: AdmitEntry, by: Principal): StaffName | null {
  if (clinician !== null) {
    const name = isStaff(state, clinician) ? state.staff[clinician] : undefined;
    return name === undefined ? null : { person: clinician, name };
  }
  if (hasRole(by, "clinician")) return nameOf(by);
  const promised = new Set([...state.leaving.values()].map((leaving) => leaving.clinician?.person));
  const [free] = Object.entries(state.duty)
    .filter(([person, duty]) => duty.clinician && duty.status === "available" && !promised.has(person))
    .sort(([, a], [, b]) => a.since - b.since);
  return free ? { person: free[0], name: free[1].name } : null;
}

export function transferEntry(
  state: QueueState,
  command: TransferEntry,
  by: Principal,
): Decision<QueueEvent> {
  const found = findEntry(state, command.entry);
  if ("refusal" in found) return refuse(found.refusal);
  const taken = takenBy(found.entry, by);
  if (taken) return refuse(taken);
  if (!command.known) return refuse(rejection("queue_not_found"));
  const to: RoomRef = { kind: "waiting", id: command.to };
  return accept({
    type: "queue.leaving",
    entry: command.entry,
    transfer: command.transfer,
    to,
    by: nameOf(by),
    clinician: null,
  });
}

/** The target's side of a transfer. */
export function arriveInQueue(state: QueueState, command: ArriveInQueue): Decision<QueueEvent> {
  const { transfer, entry, patient, priority, waitingSince } = command;
  if (state.arrived.includes(transfer)) return accept();
  if (state.declined.includes(transfer)) return refuse(rejection("entry_gone"));
  if (state.opening === "closed") return refuse(rejection("queue_closed"));
  if (state.opening === "suspended") return refuse(rejection("queue_suspended"));
  if (state.places.has(patient)) {
    return refuse(rejection("already_exists", "The patient has a place in that queue already."));
  }
  if (Object.hasOwn(state.admitted, patient)) return refuse(rejection("already_admitted"));
  const { patientName: name, from, reason, language, needs, checkIn, visit, by } = command;
  const rank = rankFor(state, { id: entry, priority, waitingSince });
  return accept({
    type: "queue.arrived",
    ...{ entry, transfer, from, patient, name, reason, language, needs, checkIn },
    ...{ priority, waitingSince, visit, rank, by },
  });
}

export function declineTransfer(state: QueueState, { transfer }: DeclineTransfer): Decision<QueueEvent> {
  if (state.arrived.includes(transfer)) return refuse(rejection("already_exists"));
  if (state.declined.includes(transfer)) return accept();
  return accept({ type: "queue.declined", transfer });
}

/**
 * A refusal is not yet the end: an earlier request may still be on its way, and be let in. So the entry is
 * back only once the target has said that it will never come.
 */
export function settleTransfer(state: QueueState, command: SettleTransfer): Decision<QueueEvent> {
  const entry = state.entries.get(command.entry);
  if (!entry?.leaving || entry.leaving.transfer !== command.transfer) return accept();
  const { code, phase } = command;
  if (code === null) return accept(goneOver(entry, entry.leaving));
  if (phase !== entry.leaving.phase) return accept();
  if (phase === "going") return accept({ type: "queue.recalled", entry: entry.id, code });
  return accept({ type: "queue.returned", entry: entry.id, code: entry.returned ?? code });
}

/** The patient has entered the visit. */
export function visitUsed(state: QueueState, command: VisitUsed): Decision<QueueEvent> {
  const { transfer, patient, visit } = command;
  const settled = settledBy(state, patient, transfer);
  if (settled.length === 0 && state.admitted[patient]?.visit !== visit) return accept();
  return accept<QueueEvent>(...settled, { type: "queue.used", patient, visit });
}

export function visitServed(state: QueueState, command: VisitServed): Decision<QueueEvent> {
  const { transfer, visit, patient, clinician, ms } = command;
  const settled = settledBy(state, patient, transfer);
  return accept<QueueEvent>(...settled, { type: "queue.served", visit, patient, clinician, ms });
}

/** A visit that tells of an admission has let the patient in, also where its answer to that was lost. */
function settledBy(state: QueueState, patient: string, transfer: string): readonly QueueLeft[] {
  const entry = entryOf(state, patient);
  return entry?.leaving?.transfer === transfer ? [goneOver(entry, entry.leaving)] : [];
}

function goneOver({ id, patient, waitingSince }: Entry, { to, by }: Leaving): QueueLeft {
  const how = to.kind === "waiting" ? "transferred" : "admitted";
  return { type: "queue.left", entry: id, patient, how, by, reason: null, waitingSince };
}
