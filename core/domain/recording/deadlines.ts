import type { RecordingEvent, RecordingStarting } from "./events.ts";
import {
  emptyMs,
  haltMs,
  lastSegment,
  type RecordingInVisit,
  type RecordingState,
  segmentLimit,
  startMs,
} from "./state.ts";
import { canRecord, missing } from "./who.ts";

export interface RecordingDeadline {
  readonly at: number;
  readonly event: RecordingEvent;
}

/** The next thing that the recording does by itself; null: nothing. */
export function nextDeadline(state: RecordingInVisit): RecordingDeadline | null {
  const { recording } = state;
  const all = [
    ...haltDeadlines(recording),
    ...startDeadlines(recording),
    ...againDeadlines(state),
    ...endDeadlines(recording),
  ];
  return all.reduce<RecordingDeadline | null>(
    (soonest, one) => (soonest && soonest.at <= one.at ? soonest : one),
    null,
  );
}

/** Nobody renews what is to end: so long after, no recorder runs, whether it has answered or not. */
function haltDeadlines({ current, halting }: RecordingState): readonly RecordingDeadline[] {
  if (!current) return [];
  return halting.map(({ segment, since }) => ({
    at: since + haltMs,
    event: { type: "recording.halted", recording: current.id, segment, how: "lease" },
  }));
}

function startDeadlines({ stage, since, ...recording }: RecordingState): readonly RecordingDeadline[] {
  const last = lastSegment(recording);
  if (stage !== "starting" || !recording.current || !last) return [];
  const lost = { reason: "no_answer", confirmed: false } as const;
  const event = {
    type: "recording.broken",
    recording: recording.current.id,
    segment: last.segment,
    ...lost,
  } as const;
  return [{ at: since + startMs, event }];
}

/** What has ended by itself begins anew as soon as it can and may. */
function againDeadlines(state: RecordingInVisit): readonly RecordingDeadline[] {
  const { stage, retryAt, current, recordable, admissions } = state.recording;
  if (stage !== "broken" || retryAt === null || !current) return [];
  if (admissions.length > 0 || missing(state).length > 0) return [];
  const event = startingOf(state, current.askedBy, {
    recording: current.id,
    keepMs: current.keepMs,
    recordable,
  });
  return event ? [{ at: retryAt, event }] : [];
}

/** The next segment on the session that runs; null: there is nothing that could record it. */
export function startingOf(
  state: RecordingInVisit,
  askedBy: string,
  what: Pick<RecordingStarting, "recording" | "keepMs" | "recordable">,
): RecordingStarting | null {
  const { visit, call, recording } = state;
  if (visit.phase === "ended" || call.stage !== "open" || !call.session) return null;
  const { n, backend, place } = call.session;
  const segment = (lastSegment(recording)?.segment ?? 0) + 1;
  if (segment > segmentLimit) return null;
  const browser = backend === "peer";
  if (browser ? !canRecord(state, askedBy) : !what.recordable.includes(backend)) return null;
  const recorder = browser ? askedBy : null;
  return { type: "recording.starting", ...what, segment, n, backend, place, recorder };
}

function endDeadlines(recording: RecordingState): readonly RecordingDeadline[] {
  const { stage, current, emptySince, finishing, sealed } = recording;
  const stopping: readonly RecordingDeadline[] =
    current && emptySince !== null && stage !== "stopping"
      ? [
          {
            at: emptySince + emptyMs,
            event: { type: "recording.stopping", recording: current.id, reason: "empty" },
          },
        ]
      : [];
  const complete = finishing.flatMap(({ id, waitsUntil }) =>
    waitsUntil === null
      ? []
      : [{ at: waitsUntil, event: { type: "recording.complete", recording: id } as const }],
  );
  const expiring = sealed.flatMap(({ manifest, fate }) =>
    fate !== "kept"
      ? []
      : [
          {
            at: manifest.keptUntil,
            event: { type: "recording.expiring", recording: manifest.recording } as const,
          },
        ],
  );
  return [...stopping, ...complete, ...expiring];
}
