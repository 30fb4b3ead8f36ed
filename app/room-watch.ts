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
    called: (fact) => {
      if (fact.type === "gap") return metrics.callGaps.observe(fact.ms / 1e3);
      const { backend } = fact;
      if (fact.type === "failed") return metrics.callFailures.of({ backend, reason: fact.why }).add();
      metrics.callOpening.of({ backend }).observe(fact.afterMs / 1e3);
    },
    returned: (afterMs, cause) => metrics.gaps.of({ cause }).observe(afterMs / 1e3),
  };
}
