import type { FinishPlan, Interval, RecordingFacts, RecordingGap } from "./manifest.ts";
import type { Finishing, SegmentRecord } from "./state.ts";

/** What the room knows of a recording that has ended. */
export function factsOf(one: Finishing): RecordingFacts {
  const { id, startedBy, startedAt, endedAt, reason, segments, presence, consents } = one;
  return {
    recording: id,
    startedBy,
    from: startedAt,
    to: endedAt,
    reason,
    intervals: segments.flatMap((segment) => intervalOf(segment, endedAt)),
    gaps: gapsOf(segments, endedAt),
    participants: presence,
    consents,
  };
}

/** What has to be done to make its files. A segment of which it is not known that it ran may have left something. */
export function planOf(one: Finishing): FinishPlan {
  const segments = one.segments.map(({ segment, backend, from, askedAt, to }) => ({
    ...{ segment, backend },
    from: from ?? askedAt,
    to: to ?? one.endedAt,
  }));
  return { recording: one.id, segments, facts: factsOf(one) };
}

function intervalOf({ segment, backend, from, to }: SegmentRecord, endedAt: number): Interval[] {
  return from === null ? [] : [{ segment, backend, from, to: to ?? endedAt }];
}

/** From the end of each segment that ran to the beginning of the next one, or to the end. */
function gapsOf(segments: readonly SegmentRecord[], endedAt: number): readonly RecordingGap[] {
  const ran = segments.filter(({ from }) => from !== null);
  return ran.flatMap(({ to, reason }, i) => {
    const from = to ?? endedAt;
    const until = ran[i + 1]?.from ?? endedAt;
    return until > from ? [{ reason: reason ?? "unknown", from, to: until }] : [];
  });
}
