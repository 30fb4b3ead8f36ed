import { waitingBehaviour } from "../../core/domain/kinds.ts";
import type { QueueState } from "../../core/domain/queue/state.ts";
import { loadQueue, storeQueue } from "../../core/domain/queue/stored.ts";
import type { RoomKind } from "../actor/room-kind.ts";
import { type QueueLookups, queueGuards } from "./queue-guards.ts";
import { queueIndexes } from "./queue-indexes.ts";
import { authoriseQueue } from "./queue-policy.ts";
import { queueSnapshot } from "./queue-snapshot.ts";

/** The waiting room: one queue, its patients and its staff. */
export function createWaitingKind(lookups: QueueLookups): RoomKind<QueueState> {
  return {
    name: "waiting",
    behaviour: waitingBehaviour,
    requests: queueGuards(lookups),
    authorise: authoriseQueue,
    indexes: queueIndexes,
    store: storeQueue,
    restore: (snapshot) => loadQueue(queueSnapshot.parse(snapshot)),
  };
}
