import { callerOf } from "../call/state.ts";
import { rejection } from "../errors.ts";
import { accept, type Decision, type DomainEvent, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import { decideVisit } from "../visit/decide.ts";
import type {
  KeepRecording,
  NoteLost,
  NoteSealed,
  RecordingCommand,
  ReportRecording,
  StartRecording,
} from "./commands.ts";
import { consequences } from "./consequences.ts";
import { nextDeadline, startingOf } from "./deadlines.ts";
import type { RecordingEvent } from "./events.ts";
import { factsOf } from "./facts.ts";
import { lastSegment, type RecordingInVisit, type RecordingState, recordingLimit } from "./state.ts";
import { missing } from "./who.ts";
import { fold } from "./within.ts";

type Decided = Decision<DomainEvent>;

const haltingRetryMs = 500;

/** What a command does to the recording of a visit. */
export function decideRecording(
  state: RecordingInVisit,
  command: RecordingCommand,
  by: Principal,
  now: number,
): Decided {
  const then = (...events: readonly RecordingEvent[]) => follow(state, events, by, now);
  const { recording } = state;
  switch (command.name) {
    case "recording.start":
      return start(state, command, by);
    case "recording.stop": {
      const { current, stage } = recording;
      if (!current) return refuse(rejection("recording_not_found"));
      if (stage === "stopping") return accept();
      return then({ type: "recording.stopping", recording: current.id, reason: "stopped" });
    }
    case "recording.report":
      return report(state, command, by, now);
    case "recording.started":
      return isLast(recording, command, "starting")
        ? then({ type: "recording.started", ...segmentOf(command) })
        : accept();
    case "recording.halted":
      return isHalting(recording, command) ? then(haltedOf(command)) : accept();
    case "recording.lost":
      return isLast(recording, command, "starting", "running") ? then(brokenOf(command)) : accept();
    case "recording.sealed":
      return seal(recording, command, now);
    case "recording.removed": {
      const known = recording.sealed.some(
        ({ manifest, fate }) => manifest.recording === command.recording && fate === "expiring",
      );
      return known ? accept({ type: "recording.expired", recording: command.recording }) : accept();
    }
    case "recording.keep":
      return keep(recording, command);
    case "recording.due":
      return due(state, Math.max(now, command.at), by);
  }
}

function start(state: RecordingInVisit, command: StartRecording, by: Principal): Decided {
  const { visit, call, recording } = state;
  const { stage, current, finishing, sealed, admissions } = recording;
  if (visit.phase === "ended") return refuse(rejection("visit_ended"));
  if (stage === "starting" || stage === "running") return refuse(rejection("recording_running"));
  if (stage === "pausing" || stage === "stopping" || admissions.length > 0) {
    return refuse(rejection("busy", undefined, haltingRetryMs));
  }
  if (call.stage === "open" && call.session?.backend === "peer" && !callerOf(call, by.id)) {
    return refuse(rejection("not_in_call"));
  }
  const { recordable } = command;
  const event = startingOf(state, by.id, {
    recording: current?.id ?? command.recording,
    keepMs: current?.keepMs ?? command.keepMs,
    recordable,
  });
  const full = !current && finishing.length + sealed.length >= recordingLimit;
  if (!event || full) return refuse(rejection("recording_unavailable"));
  return missing(state).length > 0 ? refuse(rejection("consent_missing")) : accept(event);
}

/** Only from whoever was asked to record that segment. */
function report(state: RecordingInVisit, command: ReportRecording, by: Principal, now: number): Decided {
  const { recording } = state;
  const all = [recording.current, ...recording.finishing];
  const one = all.find((known) => known?.id === command.recording);
  const segment = one?.segments.find((known) => known.segment === command.segment);
  if (segment?.recorder !== by.id) return refuse(rejection("recording_not_found"));
  const of = segmentOf(command);
  if (command.status === "running") {
    return isLast(recording, command, "starting")
      ? follow(state, [{ type: "recording.started", ...of }], by, now)
      : accept();
  }
  const ended = endedBy(recording, command);
  const decided = follow(state, ended, by, now);
  if (!decided.ok || command.status === "stopped") return decided;
  const after = fold(state, decided.events, now, by.id).recording;
  const waits = after.finishing.some(({ id, waitsUntil }) => id === command.recording && waitsUntil !== null);
  return waits ? accept(...decided.events, completeOf(command.recording)) : decided;
}

function endedBy(recording: RecordingState, command: ReportRecording): readonly RecordingEvent[] {
  if (isHalting(recording, command)) return [haltedOf(command)];
  const lost = { ...command, reason: "recorder_stopped", confirmed: true } as const;
  return isLast(recording, command, "starting", "running") ? [brokenOf(lost)] : [];
}

function seal(recording: RecordingState, { recording: id, made, sha256 }: NoteSealed, now: number): Decided {
  const one = recording.finishing.find((known) => known.id === id);
  if (!one) return accept();
  const { files, fault } = made;
  const manifest = { ...factsOf(one), files, fault, keptUntil: now + one.keepMs, sha256 };
  return accept({ type: "recording.sealed", recording: id, manifest });
}

/** What is being removed, or is gone, stays so. */
function keep({ finishing, sealed }: RecordingState, { recording, until }: KeepRecording): Decided {
  if (finishing.some(({ id }) => id === recording))
    return refuse(rejection("busy", undefined, haltingRetryMs));
  const kept = sealed.find(({ manifest, fate }) => manifest.recording === recording && fate === "kept");
  const changes = kept !== undefined && kept.manifest.keptUntil !== until;
  return changes ? accept({ type: "recording.kept", recording, until }) : accept();
}

/** Everything whose time has come, in its order. */
function due(state: RecordingInVisit, until: number, by: Principal): Decided {
  const events: DomainEvent[] = [];
  let stands = state;
  for (let next = nextDeadline(stands); next && next.at <= until; next = nextDeadline(stands)) {
    const decided = follow(stands, [next.event], by, until);
    if (!decided.ok) break;
    events.push(...decided.events);
    stands = fold(stands, decided.events, until, by.id);
  }
  return accept(...events);
}

/** The events, the admissions that they set free, and what follows from all of it. */
function follow(
  state: RecordingInVisit,
  events: readonly RecordingEvent[],
  by: Principal,
  now: number,
): Decided {
  const after = fold(state, events, now, by.id);
  const admitted: DomainEvent[] = [];
  let stands = after;
  if (after.recording.halting.length === 0) {
    for (const admission of state.recording.admissions) {
      const decided = decideVisit(stands.visit, admission, by, now);
      // The door may have been closed meanwhile, or they have gone.
      if (!decided.ok) continue;
      admitted.push(...decided.events);
      stands = fold(stands, decided.events, now, by.id);
    }
  }
  return accept(...events, ...admitted, ...consequences(stands, admitted, by.id));
}

interface OfSegment {
  readonly recording: string;
  readonly segment: number;
}

function segmentOf({ recording, segment }: OfSegment): OfSegment {
  return { recording, segment };
}

function completeOf(recording: string): RecordingEvent {
  return { type: "recording.complete", recording };
}

function haltedOf(command: OfSegment) {
  return { type: "recording.halted", ...segmentOf(command), how: "confirmed" } as const;
}

function brokenOf(command: OfSegment & Pick<NoteLost, "reason" | "confirmed">) {
  const { reason, confirmed } = command;
  return { type: "recording.broken", ...segmentOf(command), reason, confirmed } as const;
}

function isLast(
  state: RecordingState,
  { recording, segment }: OfSegment,
  ...stages: readonly RecordingState["stage"][]
): boolean {
  const last = lastSegment(state);
  return state.current?.id === recording && last?.segment === segment && stages.includes(state.stage);
}

function isHalting({ current, halting }: RecordingState, { recording, segment }: OfSegment): boolean {
  return current?.id === recording && halting.some((one) => one.segment === segment);
}
