import { type CallCommand, isCallCommand } from "../call/commands.ts";
import { type ConsentCommand, isConsentCommand } from "../consent/consent.ts";
import { rejection } from "../errors.ts";
import { accept, type Decision, type DomainEvent, type Feature, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import {
  type AdmitParticipant,
  isVisitCommand,
  type TransferVisit,
  type VisitCommand,
} from "../visit/commands.ts";
import { isInside } from "../visit/state.ts";
import { consequences } from "./consequences.ts";
import type { RecordingDecided } from "./events.ts";
import { lastSegment, mayRun, type PendingAdmission, type RecordingInVisit } from "./state.ts";
import { agrees, insiders } from "./who.ts";
import { fold, initialWithin, within } from "./within.ts";

type Watched = VisitCommand | CallCommand | ConsentCommand;

/** A recorder takes a moment to end. */
const haltingRetryMs = 500;

/**
 * Stands before visit, call and consents: what they decide is decided together with what it means for a recording. Nobody who has not
 * agreed comes in, or into the call, while a recorder may run.
 */
export const recordingGate: Feature<RecordingInVisit, Watched, never, DomainEvent> = {
  name: "recordingGate",
  initial: initialWithin,
  ownsCommand: (command): command is Watched =>
    isVisitCommand(command) || isCallCommand(command) || isConsentCommand(command),
  ownsEvent: isNothing,
  decide: decideAround,
  evolve: (state) => state,
  due: () => null,
};

function isNothing(_: DomainEvent): _ is never {
  return false;
}

function decideAround(
  state: RecordingInVisit,
  command: Watched,
  by: Principal,
  now: number,
): Decision<DomainEvent> {
  const runs = mayRun(state.recording);
  if (command.name === "media.join" && runs && !agrees(state.consent, by.id)) {
    return refuse(rejection("busy", undefined, haltingRetryMs));
  }
  const decision = within.decide(state, command, by, now) ?? accept();
  if (!decision.ok || !state.recording.current) return decision;
  const after = fold(state, decision.events, now, by.id);
  if (runs && (command.name === "visit.admit" || command.name === "visit.transfer")) {
    const strangers = insiders(after.visit).filter(
      (person) => !isInside(state.visit, person) && !agrees(after.consent, person),
    );
    if (strangers[0] !== undefined) return accept(...holdBack(state, command, strangers[0], by));
  }
  return accept(...decision.events, ...consequences(after, decision.events, by.id));
}

/** The admission waits until the recorder has ended. */
function holdBack(
  { recording }: RecordingInVisit,
  command: AdmitParticipant | TransferVisit,
  person: string,
  by: Principal,
): readonly RecordingDecided[] {
  const { current, stage, admissions } = recording;
  const last = lastSegment(recording);
  if (!current || !last || admissions.some((one) => whom(one) === person)) return [];
  const admission = pendingOf(command, by);
  if (!admission) return [];
  if (stage !== "starting" && stage !== "running") {
    return [{ type: "recording.admissionHeld", recording: current.id, admission }];
  }
  const of = { recording: current.id, segment: last.segment };
  return [{ type: "recording.pausing", ...of, reason: "newcomer", person, admission }];
}

function pendingOf(command: AdmitParticipant | TransferVisit, by: Principal): PendingAdmission | null {
  const asked = { id: command.id, by: { person: by.id, name: by.name } };
  if (command.name === "visit.admit") {
    return { ...asked, name: command.name, participant: command.participant };
  }
  return command.to && { ...asked, name: command.name, to: command.to };
}

function whom(admission: PendingAdmission): string {
  return admission.name === "visit.admit" ? admission.participant : admission.to.person;
}
