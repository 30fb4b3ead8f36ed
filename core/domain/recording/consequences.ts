import type { DomainEvent } from "../feature.ts";
import { isInside } from "../visit/state.ts";
import type { RecordingDecided, RecordingPausing } from "./events.ts";
import { lastSegment, type RecordingInVisit, type SegmentRecord } from "./state.ts";
import { canRecord, missing } from "./who.ts";

/** What has to happen to the recording because of what was decided, in the same decision. */
export function consequences(
  after: RecordingInVisit,
  events: readonly DomainEvent[],
  by: string,
): readonly RecordingDecided[] {
  const { visit, recording } = after;
  const { stage, current } = recording;
  const last = lastSegment(recording);
  if (!current || !last || stage === "stopping") return [];
  const of = { recording: current.id, segment: last.segment };
  if (visit.phase === "ended") {
    return [{ type: "recording.stopping", recording: current.id, reason: "visit_ended" }];
  }
  if (stage !== "starting" && stage !== "running" && stage !== "broken") return [];
  const pausing = reasonToPause(after, events, by);
  if (pausing) return [{ type: "recording.pausing", ...of, ...pausing, admission: null }];
  const reason = stage === "broken" ? null : whyOver(after, last);
  return reason ? [{ type: "recording.broken", ...of, reason, confirmed: false }] : [];
}

function reasonToPause(
  after: RecordingInVisit,
  events: readonly DomainEvent[],
  by: string,
): Pick<RecordingPausing, "reason" | "person"> | null {
  if (isInside(after.visit, by) && events.some(isWithdrawal)) {
    return { reason: "consent_withdrawn", person: by };
  }
  const [person] = missing(after);
  return person === undefined ? null : { reason: "newcomer", person };
}

function isWithdrawal(event: DomainEvent): boolean {
  return event.type === "consent.withdrawn" && "what" in event && event.what === "recording";
}

/** The segment's session is over, or whoever records it is gone. null: neither. */
function whyOver(after: RecordingInVisit, { n, recorder }: SegmentRecord): string | null {
  const { call } = after;
  if (call.stage === "none") return "call_over";
  if (call.stage !== "open" || call.session?.n !== n) return "call_failed";
  return recorder !== null && !canRecord(after, recorder) ? "recorder_gone" : null;
}
