import { keep } from "../lib/bounded.ts";
import type { RecordingBroken, RecordingEvent, RecordingKept, RecordingStarting } from "./events.ts";
import {
  type Finishing,
  lastSegment,
  pausesMs,
  type Recording,
  type RecordingInVisit,
  type RecordingState,
  recordingLimit,
  type SegmentRecord,
  segmentLimit,
  steadyMs,
  uploadMs,
} from "./state.ts";
import { insiders } from "./who.ts";

/** Folds one event of the recording's own into it. Total. */
export function evolveOwn(
  state: RecordingInVisit,
  event: RecordingEvent,
  at: number,
  by: string,
): RecordingState {
  const { recording } = state;
  switch (event.type) {
    case "recording.starting":
      return starting(state, event, at, by);
    case "recording.started":
      return changeLast({ ...recording, stage: "running", since: at }, { from: at });
    case "recording.pausing": {
      const { reason, admission } = event;
      const admissions = admission ? [...recording.admissions, admission] : recording.admissions;
      return settled({ ...halt(recording, reason, at), stage: "pausing", since: at, reason, admissions }, at);
    }
    case "recording.admissionHeld":
      return { ...recording, admissions: [...recording.admissions, event.admission] };
    case "recording.halted": {
      const halting = recording.halting.filter(({ segment }) => segment !== event.segment);
      return settled(close({ ...recording, halting }, event.segment, at), at);
    }
    case "recording.broken":
      return broken(recording, event, at);
    case "recording.stopping": {
      const { reason } = event;
      return settled({ ...halt(recording, reason, at), stage: "stopping", since: at, reason }, at);
    }
    case "recording.complete":
      return { ...recording, finishing: recording.finishing.map((one) => complete(one, event.recording)) };
    case "recording.sealed": {
      const { manifest } = event;
      const finishing = recording.finishing.filter(({ id }) => id !== manifest.recording);
      const sealed = keep(recording.sealed, { manifest, fate: "kept" } as const, recordingLimit);
      return { ...recording, finishing, sealed };
    }
    case "recording.kept":
      return keptUntil(recording, event);
    case "recording.expiring":
      return withFate(recording, event.recording, "expiring");
    case "recording.expired":
      return withFate(recording, event.recording, "expired");
  }
}

function starting(state: RecordingInVisit, event: RecordingStarting, at: number, by: string): RecordingState {
  const { recording } = state;
  const { segment, n, backend, place, recorder, recordable } = event;
  const before = recording.current ?? begun(state, event, at, by);
  const record: SegmentRecord = {
    ...{ segment, n, backend, place, recorder },
    ...{ askedAt: at, from: null, to: null, reason: null },
  };
  const again = by === "system";
  const askedBy = again ? before.askedBy : by;
  const current = { ...before, askedBy, segments: [...before.segments, record] };
  const failures = again ? recording.failures : 0;
  const stands = { stage: "starting", since: at, reason: null, retryAt: null } as const;
  return { ...recording, ...stands, current, failures, recordable };
}

/** Whoever has agreed before has agreed to this. */
function begun(
  { visit, consent }: RecordingInVisit,
  event: RecordingStarting,
  at: number,
  by: string,
): Recording {
  const consents = insiders(visit).flatMap((person) => {
    const known = consent.consents[`${person} recording`];
    if (known?.withdrawnAt !== null) return [];
    const text = known.text ? { text: known.text } : {};
    return [{ person, givenAt: known.givenAt, withdrawnAt: null, ...text }];
  });
  const { recording: id, keepMs } = event;
  return { id, startedBy: by, startedAt: at, askedBy: by, keepMs, segments: [], presence: [], consents };
}

/** A recorder that runs is to end; one that has ended already is left as it is. */
function halt(recording: RecordingState, reason: string, at: number): RecordingState {
  const last = lastSegment(recording);
  if (!last || (recording.stage !== "starting" && recording.stage !== "running")) return recording;
  const halting = [...recording.halting, { segment: last.segment, since: at }];
  return changeLast({ ...recording, halting }, { reason });
}

function broken(
  recording: RecordingState,
  { reason, confirmed }: RecordingBroken,
  at: number,
): RecordingState {
  const last = lastSegment(recording);
  const ended = confirmed
    ? changeLast(recording, { to: at, reason })
    : changeLast(halt(recording, reason, at), { to: at });
  // That the call is over, or whoever records it is gone, says nothing about the recorder.
  const failed = !circumstances.includes(reason);
  const steady = last?.from != null && at - last.from >= steadyMs;
  const failures = failed ? (steady ? 1 : recording.failures + 1) : recording.failures;
  const pause = failed ? pausesMs[failures - 1] : 0;
  const retryAt = pause === undefined || (last?.segment ?? 0) >= segmentLimit ? null : at + pause;
  const stage = retryAt === null ? "paused" : "broken";
  return { ...ended, stage, since: at, reason, failures, retryAt };
}

const circumstances: readonly string[] = ["call_over", "call_failed", "recorder_gone"];

/** Once no recorder may run any more, what waited for that is so. */
function settled(recording: RecordingState, at: number): RecordingState {
  if (recording.halting.length > 0) return recording;
  const free = { ...recording, admissions: [] };
  if (recording.stage === "pausing") return { ...free, stage: "paused", since: at, retryAt: null };
  return recording.stage === "stopping" ? ended(free, at) : free;
}

function ended(recording: RecordingState, at: number): RecordingState {
  const { current, reason } = recording;
  const over = { stage: "none", current: null, since: at, reason: null, retryAt: null, failures: 0 } as const;
  if (!current) return { ...recording, ...over };
  // What is waited for beyond that is an older recorder, of a segment that had broken.
  const endedAt = Math.max(recording.since, lastSegment(recording)?.to ?? 0);
  const presence = current.presence
    .filter(({ from }) => from <= endedAt)
    .map((one) => ({ ...one, to: Math.min(one.to ?? endedAt, endedAt) }));
  const sent = current.segments.flatMap(({ recorder, to }) => (recorder === null ? [] : (to ?? at)));
  const until = Math.max(0, ...sent) + uploadMs;
  const waitsUntil = sent.length > 0 && until > at ? until : null;
  const finishing: Finishing = { ...current, presence, endedAt, reason: reason ?? "stopped", waitsUntil };
  return { ...recording, ...over, finishing: [...recording.finishing, finishing] };
}

function close(recording: RecordingState, segment: number, at: number): RecordingState {
  const { current } = recording;
  if (!current) return recording;
  const segments = current.segments.map((one) =>
    one.segment === segment && one.to === null ? { ...one, to: at } : one,
  );
  return { ...recording, current: { ...current, segments } };
}

function changeLast(recording: RecordingState, what: Partial<SegmentRecord>): RecordingState {
  const { current } = recording;
  const last = lastSegment(recording);
  if (!current || !last) return recording;
  const segments = [...current.segments.slice(0, -1), { ...last, ...what }];
  return { ...recording, current: { ...current, segments } };
}

function complete(one: Finishing, recording: string): Finishing {
  return one.id === recording ? { ...one, waitsUntil: null } : one;
}

/** The checksum of the manifest does not cover it. */
function keptUntil(recording: RecordingState, { recording: id, until }: RecordingKept): RecordingState {
  const sealed = recording.sealed.map((one) =>
    one.manifest.recording === id ? { ...one, manifest: { ...one.manifest, keptUntil: until } } : one,
  );
  return { ...recording, sealed };
}

function withFate(recording: RecordingState, id: string, fate: "expiring" | "expired"): RecordingState {
  const sealed = recording.sealed.map((one) => (one.manifest.recording === id ? { ...one, fate } : one));
  return { ...recording, sealed };
}
