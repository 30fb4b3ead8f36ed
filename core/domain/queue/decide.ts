import { type Rejection, rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import { hasRole, type Principal } from "../principal.ts";
import { revisionFault } from "../revision.ts";
import type { ChangeStaff, ConfigureQueue, QueueCommand, SetDuty, SuspendQueue } from "./commands.ts";
import { decideDue, decideWake } from "./decide-due.ts";
import { checkInEntry, confirmCall, joinQueue, leaveQueue, notePresence } from "./decide-patient.ts";
import {
  callEntry,
  holdEntry,
  markNoShow,
  moveEntry,
  notifyEntry,
  prioritiseEntry,
  removeEntry,
  resumeEntry,
} from "./decide-staff.ts";
import {
  admitEntry,
  arriveInQueue,
  declineTransfer,
  settleTransfer,
  transferEntry,
  visitServed,
  visitUsed,
} from "./decide-transfer.ts";
import type { QueueEvent } from "./events.ts";
import { closing, nextHours, opening } from "./opening.ts";
import { hoursFault } from "./opening-hours.ts";
import { isStaff, type QueueSettings, type QueueState } from "./state.ts";

/**
 * What a command does to a queue. Who may issue it was settled by the policy before; what is checked here
 * depends on the queue itself.
 */
export function decideQueue(
  state: QueueState,
  command: QueueCommand,
  by: Principal,
  now: number,
): Decision<QueueEvent> {
  if (command.name === "queue.create") {
    if (state.created) return refuse(rejection("already_exists"));
    const { settings, staff } = command;
    const fault = settingsFault(settings);
    if (fault) return refuse(fault);
    return accept<QueueEvent>({ type: "queue.created", settings, staff }, opening(settings, now));
  }
  if (!state.created) return refuse(rejection("room_not_found"));
  switch (command.name) {
    case "queue.configure":
      return configure(state, command, now);
    case "queue.staff":
      return changeStaff(state, command);
    case "queue.open":
      return state.opening === "open"
        ? accept()
        : accept({ type: "queue.opened", nextHours: nextHours(state.settings, now) });
    case "queue.close":
      return state.opening === "closed" ? accept() : accept(closing(state.settings, now));
    case "queue.suspend":
      return suspend(state, command, now);
    case "queue.duty":
      return setDuty(state, command, by);
    case "queue.join":
      return joinQueue(state, command, by);
    case "queue.checkIn":
      return checkInEntry(state, command, by);
    case "queue.confirm":
      return confirmCall(state, by);
    case "queue.leave":
      return leaveQueue(state, by);
    case "queue.presence":
      return notePresence(state, command);
    case "queue.call":
      return callEntry(state, command, by);
    case "queue.hold":
      return holdEntry(state, command, by);
    case "queue.resume":
      return resumeEntry(state, command);
    case "queue.move":
      return moveEntry(state, command);
    case "queue.prioritise":
      return prioritiseEntry(state, command);
    case "queue.notify":
      return notifyEntry(state, command);
    case "queue.noShow":
      return markNoShow(state, command, by);
    case "queue.remove":
      return removeEntry(state, command, by);
    case "queue.admit":
      return admitEntry(state, command, by);
    case "queue.transfer":
      return transferEntry(state, command, by);
    case "queue.arrive":
      return arriveInQueue(state, command);
    case "queue.decline":
      return declineTransfer(state, command);
    case "queue.settle":
      return settleTransfer(state, command);
    case "queue.due":
      return decideDue(state, command, now);
    case "queue.wake":
      return decideWake(state);
    case "queue.used":
      return visitUsed(state, command);
    case "queue.served":
      return visitServed(state, command);
  }
}

function configure(
  state: QueueState,
  { settings: change, expected }: ConfigureQueue,
  now: number,
): Decision<QueueEvent> {
  const outdated = revisionFault(expected, state.settings);
  if (outdated) return refuse(outdated);
  const settings = { ...state.settings, ...change };
  const fault = settingsFault(settings);
  if (fault) return refuse(fault);
  const configured = { type: "queue.configured", settings, nextHours: nextHours(settings, now) } as const;
  const next = change.hours && state.opening !== "suspended" ? opening(settings, now) : null;
  const same = next?.type === "queue.opened" ? state.opening === "open" : state.opening === "closed";
  return next && !same ? accept<QueueEvent>(configured, next) : accept(configured);
}

function settingsFault({ hours }: QueueSettings): Rejection | null {
  const fault = hours && hoursFault(hours);
  return fault ? rejection("hours_invalid", fault) : null;
}

function suspend(state: QueueState, { until, notice }: SuspendQueue, now: number): Decision<QueueEvent> {
  if (state.opening === "closed") return refuse(rejection("queue_closed"));
  if (until !== null && until <= now) {
    return refuse(rejection("invalid_payload", "Give a time in the future until which the queue is paused."));
  }
  return accept({ type: "queue.suspended", until, notice });
}

function changeStaff(state: QueueState, { person, on, personName }: ChangeStaff): Decision<QueueEvent> {
  if (!on) {
    const name = state.staff[person];
    if (!isStaff(state, person) || name === undefined) return accept();
    return accept({ type: "queue.staffChanged", person, name, on });
  }
  if (personName === null) return refuse(rejection("person_not_found"));
  if (state.staff[person] === personName) return accept();
  return accept({ type: "queue.staffChanged", person, name: personName, on });
}

function setDuty(state: QueueState, { status }: SetDuty, by: Principal): Decision<QueueEvent> {
  const is = state.duty[by.id]?.status;
  if (status === (is ?? "off")) return accept();
  return accept({
    type: "queue.dutyChanged",
    person: by.id,
    name: by.name,
    status: status === "off" ? null : status,
    clinician: hasRole(by, "clinician"),
  });
}
