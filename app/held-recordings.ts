import { DomainError } from "../core/domain/errors.ts";
import type { Holds } from "../core/platform/records/holds.ts";
import type { RecordingService } from "../media/recording/recording-service.ts";

/** While a legal hold stands on a visit, or on its patient, none of its recordings is removed: it is tried again until the hold is lifted. */
export function keptWhileHeld(service: RecordingService, holds: Pick<Holds, "standing">): RecordingService {
  return {
    ...service,
    remove: async (from, recording) => {
      const held = await holds.standing(from.org);
      if (held.has(`${from.ref.kind}/${from.ref.id}`)) throw new DomainError("busy");
      await service.remove(from, recording);
    },
  };
}
