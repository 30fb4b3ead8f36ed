import { DomainError } from "../../core/domain/errors.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import type {
  KeepRecording,
  ReportRecording,
  StartRecording,
  StopRecording,
} from "../../core/domain/recording/commands.ts";
import { type SegmentRecord, uploadMs } from "../../core/domain/recording/state.ts";
import { recordingRequests } from "../../core/protocol/recording.ts";
import type { MediaService } from "../../media/media-service.ts";
import { command, query } from "../actor/request-guards.ts";
import type { Asked, RequestGuard } from "../actor/room-kind.ts";
import { listRecordings } from "./recording-list.ts";
import { authoriseVisit } from "./visit-policy.ts";

/** What a recording has to have from outside its room. */
export interface RecordingLookups {
  readonly media: Pick<MediaService, "recordable">;
  /** For how long an organisation keeps one (ms). */
  keepRecordingsMs(org: string): Promise<number>;
  now(): number;
}

type Guard = RequestGuard<ConsultationState>;
type Here = Asked<ConsultationState>;

/** How each request of a recording is parsed and completed. */
export function recordingGuards(lookups: RecordingLookups): Readonly<Record<string, Guard>> {
  const { media, keepRecordingsMs } = lookups;
  return {
    "recording.start": command({
      schema: recordingRequests["recording.start"],
      prepare: async ({ id }, { by, mac }: Here) => {
        const keepMs = await keepRecordingsMs(by.org);
        const recording = mac(`recording ${by.id} ${id}`).toString("hex").slice(0, 16);
        const recordable = media.recordable();
        return { name: "recording.start", id, recording, recordable, keepMs } satisfies StartRecording;
      },
    }),
    "recording.stop": command({
      schema: recordingRequests["recording.stop"],
      prepare: ({ id }, _: Here) => ({ name: "recording.stop", id }) satisfies StopRecording,
    }),
    "recording.report": command({
      schema: recordingRequests["recording.report"],
      prepare: (payload, _: Here) => ({ ...payload, name: "recording.report" }) satisfies ReportRecording,
    }),
    "recording.keep": command({
      schema: recordingRequests["recording.keep"],
      prepare: (payload, _: Here) =>
        ({ ...payload, id: null, name: "recording.keep" }) satisfies KeepRecording,
    }),
    ...recordingQueries(lookups),
  };
}

function recordingQueries({ now }: RecordingLookups): Readonly<Record<string, Guard>> {
  return {
    "recording.list": query({
      schema: recordingRequests["recording.list"],
      authorise: (_, { state, by }: Here) => authoriseVisit(state, "recordings.list", by),
      answer: async (_, { state, by }: Here) =>
        listRecordings(state, authoriseVisit(state, "recordings.read", by) === null),
    }),
    "recording.file": query({
      schema: recordingRequests["recording.file"],
      authorise: (_, { state, by }: Here) => authoriseVisit(state, "recordings.read", by),
      answer: async ({ recording, name }, { state: { recording: all } }: Here) => {
        const kept = all.sealed.find(
          ({ manifest, fate }) => fate === "kept" && manifest.recording === recording,
        );
        const file = kept?.manifest.files.find((one) => one.name === name);
        if (!file) throw new DomainError("recording_not_found");
        return file;
      },
    }),
    "recording.upload": query({
      schema: recordingRequests["recording.upload"],
      authorise: (_, { state, by }: Here) => authoriseVisit(state, "recording.report", by),
      answer: async (asked, { state, by }: Here) => {
        const segment = takenSegment(state, asked, by.id, now());
        if (!segment) throw new DomainError("recording_not_found");
        return { from: segment.from ?? segment.askedAt };
      },
    }),
  };
}

/** The segment, where this person's browser records it or did until a moment ago. */
function takenSegment(
  { recording: { current, finishing } }: ConsultationState,
  { recording, segment }: { readonly recording: string; readonly segment: number },
  person: string,
  now: number,
): SegmentRecord | undefined {
  const open = [...(current ? [current] : []), ...finishing.filter(({ waitsUntil }) => waitsUntil !== null)];
  const wanted = open
    .find(({ id }) => id === recording)
    ?.segments.find((one) => one.segment === segment && one.recorder === person);
  return wanted && (wanted.to === null || now <= wanted.to + uploadMs) ? wanted : undefined;
}
