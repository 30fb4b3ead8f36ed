import type { ConsultationState } from "../../core/domain/kinds.ts";
import { factsOf } from "../../core/domain/recording/facts.ts";
import type { RecordingItem } from "../../core/protocol/recording.ts";

/** The recordings of a visit, oldest first; `reads`: whoever asks may also have the files. */
export function listRecordings(
  { recording: { current, since, reason, finishing, sealed } }: ConsultationState,
  reads: boolean,
): { readonly items: readonly RecordingItem[] } {
  const unsealed = { files: [], fault: null, keptUntil: null, sha256: null } as const;
  const kept = sealed.map(({ manifest, fate }): RecordingItem => {
    const files = reads && fate === "kept" ? manifest.files : [];
    return { ...manifest, status: fate, files };
  });
  const made = finishing.map((one): RecordingItem => ({ ...factsOf(one), ...unsealed, status: "finishing" }));
  const open = { endedAt: since, reason: reason ?? "", waitsUntil: null };
  const now: readonly RecordingItem[] = current
    ? [{ ...factsOf({ ...current, ...open }), ...unsealed, status: "recording", to: null, reason: null }]
    : [];
  return { items: [...kept, ...made, ...now] };
}
