import type { RoomKindName } from "../core/domain/room.ts";
import { type Metrics, refusalOf } from "../core/platform/telemetry/metrics.ts";
import type { RoomWatch } from "../rooms/actor/room-watch.ts";

/** Counts what rooms of a kind do. */
export function createRoomWatch(kind: RoomKindName, metrics: Metrics): RoomWatch {
  const acknowledgement = metrics.acknowledgement.of({ kind });
  const activation = metrics.activation.of({ kind });
  return {
    woken: (afterMs, replaced) => {
      activation.observe(afterMs / 1e3);
      if (replaced) metrics.failovers.add();
    },
    acknowledged: (afterMs) => acknowledgement.observe(afterMs / 1e3),
    mended: (ours) => metrics.mends.of({ outcome: ours ? "mended" : "lost" }).add(),
    refused: (code) => metrics.refusals.of({ kind, reason: refusalOf(code) }).add(),
    returned: (afterMs, cause) => metrics.gaps.of({ cause }).observe(afterMs / 1e3),
  };
}
