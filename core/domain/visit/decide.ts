import { rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import { revisionFault } from "../revision.ts";
import type {
  ArriveInVisit,
  CreateVisit,
  DueVisit,
  NoteVisitPresence,
  ReportDone,
  VisitCommand,
} from "./commands.ts";
import { visitDeadlines } from "./deadlines.ts";
import {
  acceptInvitation,
  admitParticipant,
  invite,
  joinsChat,
  knock,
  removeParticipant,
  revoke,
} from "./decide-people.ts";
import type { VisitDecided, VisitEvent } from "./events.ts";
import { isInside, participantOf, type VisitState } from "./state.ts";

type Decided = Decision<VisitDecided>;

/**
 * What a command does to a visit. Who may issue it was settled by the policy before; what is checked here
 * depends on the visit itself.
 */
export function decideVisit(state: VisitState, command: VisitCommand, by: Principal, now: number): Decided {
  if (command.name === "visit.create") return create(state, command);
  if (command.name === "visit.arrive") return arrive(state, command);
  if (command.name === "visit.decline") return decline(state, command.transfer);
  if (!state.created) return refuse(rejection("room_not_found"));
  switch (command.name) {
    case "visit.presence":
      return presence(state, command);
    case "visit.wake":
      return wake(state);
    case "visit.due":
      return due(state, command, now);
    case "visit.report":
      return report(state, command);
    case "visit.note": {
      const { body, shared } = command;
      return accept({ type: "visit.noted", name: by.name, body, shared });
    }
    case "visit.survey":
      return survey(state, command);
    case "visit.revoke":
      return revoke(state, command);
    case "visit.accept":
      return acceptInvitation(state, command, now);
    default:
      return state.phase === "ended" ? refuse(rejection("visit_ended")) : whileOpen(state, command, by, now);
  }
}

type WhileOpen = Exclude<
  VisitCommand,
  {
    readonly name:
      | "visit.create"
      | "visit.arrive"
      | "visit.decline"
      | "visit.presence"
      | "visit.wake"
      | "visit.due"
      | "visit.report"
      | "visit.note"
      | "visit.survey"
      | "visit.revoke"
      | "visit.accept";
  }
>;

function whileOpen(state: VisitState, command: WhileOpen, by: Principal, now: number): Decided {
  switch (command.name) {
    case "visit.reschedule": {
      if (state.phase !== "scheduled") return refuse(rejection("visit_phase"));
      const { at, minutes, expected } = command;
      const outdated = revisionFault(expected, state.schedule);
      if (outdated) return refuse(outdated);
      if (state.schedule?.at === at && state.schedule.minutes === minutes) return accept();
      return accept({ type: "visit.rescheduled", at, minutes });
    }
    case "visit.cancel":
      if (state.phase === "in_progress") return refuse(rejection("visit_phase"));
      return accept({ type: "visit.ended", outcome: "cancelled", reason: command.reason });
    case "visit.knock":
      return knock(state, by);
    case "visit.admit":
      return admitParticipant(state, command);
    case "visit.remove":
      return removeParticipant(state, command);
    case "visit.lock":
      return state.locked === command.on ? accept() : accept({ type: "visit.locked", on: command.on });
    case "visit.hold":
      if (state.phase !== "in_progress") return refuse(rejection("visit_not_started"));
      return state.held === command.on ? accept() : accept({ type: "visit.held", on: command.on });
    case "visit.invite":
      return invite(state, command, now);
    case "visit.transfer": {
      const { to } = command;
      if (!to) return refuse(rejection("person_not_found"));
      if (to.person === state.patient.person) return refuse(rejection("invalid_payload", ownClinician));
      if (state.clinician?.person === to.person) return accept();
      return accept<VisitDecided>(
        { type: "visit.transferred", to },
        ...joinsChat(state, command.id, to.person, to.name, "clinician"),
      );
    }
    case "visit.start":
      return state.phase === "in_progress" ? accept() : accept({ type: "visit.started" });
    case "visit.end":
      return accept({ type: "visit.ended", outcome: command.outcome, reason: null });
    case "visit.media":
      if (!isInside(state, by.id)) return refuse(rejection("forbidden"));
      return participantOf(state, by.id)?.media === command.media
        ? accept()
        : accept({ type: "visit.mediaChanged", person: by.id, media: command.media });
  }
}

function create(state: VisitState, command: CreateVisit): Decided {
  if (state.created || state.declined.length > 0) return refuse(rejection("already_exists"));
  const { patient, clinician } = command;
  if (patient.person === clinician?.person) return refuse(rejection("invalid_payload", ownClinician));
  return accept(...created(command));
}

const ownClinician = "Nobody can be their own clinician. Name someone else.";

/** The visit and its conversation begin together. */
function created({
  patient,
  clinician,
  reason,
  schedule,
}: Pick<CreateVisit, "patient" | "clinician" | "reason" | "schedule">): VisitDecided[] {
  const members = [
    { ...patient, role: "member" } as const,
    ...(clinician ? [{ ...clinician, role: "admin" } as const] : []),
  ];
  return [
    { type: "visit.created", patient, clinician, reason, schedule },
    { type: "chat.created", title: "", subject: patient.person, members },
  ];
}

function arrive(state: VisitState, command: ArriveInVisit): Decided {
  const { id, transfer, from, entry, visit, patient, patientName, reason, clinician } = command;
  if (state.arrived.includes(transfer)) return accept();
  if (state.declined.includes(transfer)) return refuse(rejection("entry_gone"));
  const arrived = {
    type: "visit.arrived",
    origin: { queue: from, entry, transfer, visit },
    reason,
  } as const;
  if (!state.created) {
    const who = { person: patient, name: patientName };
    return accept(...created({ patient: who, clinician, reason, schedule: null }), arrived);
  }
  if (state.patient.person !== patient) return refuse(rejection("forbidden"));
  if (state.phase === "ended") return refuse(rejection("visit_ended"));
  if (!clinician || state.clinician?.person === clinician.person) return accept(arrived);
  return accept<VisitDecided>(
    arrived,
    { type: "visit.transferred", to: clinician },
    ...joinsChat(state, id, clinician.person, clinician.name, "clinician"),
  );
}

function decline(state: VisitState, transfer: string): Decided {
  if (state.arrived.includes(transfer)) return refuse(rejection("already_exists"));
  return state.declined.includes(transfer) ? accept() : accept({ type: "visit.declined", transfer });
}

function survey(
  state: VisitState,
  { rating, comment }: Extract<VisitCommand, { name: "visit.survey" }>,
): Decided {
  if (state.phase !== "ended") return refuse(rejection("visit_phase"));
  if (state.survey) return refuse(rejection("survey_given"));
  return accept({ type: "visit.surveyed", rating, comment });
}

function presence(state: VisitState, { person, online }: NoteVisitPresence): Decided {
  const participant = participantOf(state, person);
  if (!participant || online === (participant.presentSince !== null)) return accept();
  if (online) return accept({ type: "visit.entered", person });
  const silent: VisitEvent[] =
    participant.media === "none" ? [] : [{ type: "visit.mediaChanged", person, media: "none" }];
  return accept(...silent, { type: "visit.exited", person });
}

function wake(state: VisitState): Decided {
  const present = Object.values(state.participants).some(({ presentSince }) => presentSince !== null);
  return present ? accept({ type: "visit.woke" }) : accept();
}

/** Everything whose time has come, up to the visit's end. */
function due(state: VisitState, command: DueVisit, now: number): Decided {
  const until = Math.max(now, command.at);
  const events = visitDeadlines(state)
    .filter(({ at }) => at <= until)
    .map(({ event }) => event);
  const end = events.findIndex(({ type }) => type === "visit.ended");
  return accept(...(end < 0 ? events : events.slice(0, end + 1)));
}

function report(state: VisitState, { what, transfer }: ReportDone): Decided {
  const open = state.messages.some(
    (message) => message.what === what && message.origin.transfer === transfer,
  );
  return open ? accept({ type: "visit.reported", what, transfer }) : accept();
}
