import { DomainError } from "../core/domain/errors.ts";
import type { Holds } from "../core/platform/records/holds.ts";
import type { KeptRecordings } from "../core/platform/records/kept-recordings.ts";
import type { RecordingService } from "../media/recording/recording-service.ts";

/**
 * While a legal hold stands on a visit, or on its patient, none of its recordings is removed: it is tried again until the hold is lifted. What
 * is there, and what is held beyond its time, is noted.
 */
export function keptWhileHeld(
  service: RecordingService,
  holds: Pick<Holds, "standing">,
  kept: Omit<KeptRecordings, "listHeld">,
): RecordingService {
  return {
    finish: async (from, plan) => {
      const finished = await service.finish(from, plan);
      await kept.finished({ org: from.org, visit: from.ref.id, recording: plan.recording });
      return finished;
    },
    remove: async (from, recording) => {
      const { org, ref } = from;
      const which = { org, visit: ref.id, recording };
      const held = await holds.standing(org);
      if (held.has(`${ref.kind}/${ref.id}`)) {
        await kept.held(which);
        throw new DomainError("busy");
      }
      await service.remove(from, recording);
      await kept.removed(which);
    },
  };
}
