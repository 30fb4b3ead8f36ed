import type { Errand, ErrandOutcome } from "../feature.ts";
import type { RecordingCommand } from "./commands.ts";
import { planOf } from "./facts.ts";
import { isFinished } from "./finished.ts";
import type { Made } from "./manifest.ts";
import { type Finishing, lastSegment, type RecordingInVisit, type SegmentRecord } from "./state.ts";

/** What has to be done elsewhere: recorders that begin and end, files to be made, and removed. */
export function recordingErrands({ recording }: RecordingInVisit): readonly Errand[] {
  const { stage, current, halting, finishing, sealed } = recording;
  const last = lastSegment(recording);
  const starts = stage === "starting" && current && last ? recordingOf(current.id, last) : [];
  const halts = halting.flatMap(({ segment }) => {
    const record = current?.segments.find((known) => known.segment === segment);
    return current && record ? haltingOf(current.id, record) : [];
  });
  const finishes = finishing.flatMap((one) => (one.waitsUntil === null ? [finishingOf(one)] : []));
  const removals = sealed.flatMap(({ manifest, fate }) =>
    fate === "expiring" ? [removalOf(manifest.recording)] : [],
  );
  return [...halts, ...starts, ...finishes, ...removals];
}

/** A busy machine may not have begun when it should answer: asked again, it says how that came out. */
const startTries = 3;

/** A browser needs no errand: it follows the room's state. */
function recordingOf(recording: string, record: SegmentRecord): readonly Errand[] {
  const { segment, n, backend, place, recorder } = record;
  if (recorder !== null) return [];
  const which = `${recording}_${segment}`;
  const settle = (outcome: ErrandOutcome): RecordingCommand =>
    outcome.ok
      ? { name: "recording.started", id: `started_${which}`, recording, segment }
      : {
          ...{ name: "recording.lost", id: `lost_${which}`, recording, segment },
          ...{ reason: outcome.rejection.code, confirmed: false },
        };
  const payload = { n, place, recording, segment };
  const to = { kind: "media", id: backend } as const;
  return [{ id: `record_${which}`, to, name: "record", payload, tries: startTries, settle }];
}

/** Refused is not ended: then its lease runs out. */
function haltingOf(recording: string, record: SegmentRecord): readonly Errand[] {
  const { segment, n, backend, place, recorder } = record;
  if (recorder !== null) return [];
  const which = `${recording}_${segment}`;
  const settle = ({ ok }: ErrandOutcome): RecordingCommand | null =>
    ok ? { name: "recording.halted", id: `halted_${which}`, recording, segment } : null;
  const payload = { n, place, recording, segment };
  return [{ id: `halt_${which}`, to: { kind: "media", id: backend }, name: "halt", payload, settle }];
}

function finishingOf(one: Finishing): Errand {
  const { id: recording } = one;
  return {
    id: `finish_${recording}`,
    to: { kind: "recordings", id: recording },
    name: "finish",
    payload: planOf(one),
    settle: (outcome) =>
      ({
        name: "recording.sealed",
        id: `sealed_${recording}`,
        recording,
        ...madeFrom(outcome),
      }) satisfies RecordingCommand,
  };
}

function madeFrom(outcome: ErrandOutcome): { readonly made: Made; readonly sha256: string } {
  const nothing = (fault: string) => ({ made: { files: [], fault }, sha256: "" });
  if (!outcome.ok) return nothing(`the files could not be made: ${outcome.rejection.code}`);
  const finished: unknown = parsed(outcome.answer ?? "");
  if (!isFinished(finished)) return nothing("the answer could not be read");
  const { files, fault, sha256 } = finished;
  return { made: { files, fault }, sha256 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function removalOf(recording: string): Errand {
  return {
    id: `remove_${recording}`,
    to: { kind: "recordings", id: recording },
    name: "remove",
    payload: { recording },
    settle: ({ ok }) =>
      ok
        ? ({ name: "recording.removed", id: `removed_${recording}`, recording } satisfies RecordingCommand)
        : null,
  };
}
