import {
  type ConsultationState,
  chatBehaviour,
  consultationBehaviour,
  waitingBehaviour,
} from "../../core/domain/kinds.ts";
import type { QueueState } from "../../core/domain/queue/state.ts";
import { storeQueue } from "../../core/domain/queue/stored.ts";
import type { RoomKindName } from "../../core/domain/room.ts";
import { type Fold, type PastEvent, replayOf } from "../../core/platform/repositories/room-history.ts";

/** How rooms of each kind are replayed, and what readers of their history see of a state. */
export const pastRooms: Readonly<Record<RoomKindName, Fold>> = {
  chat: replayOf(chatBehaviour, (state) => state),
  waiting: replayOf(waitingBehaviour, presentQueue),
  consultation: replayOf(consultationBehaviour, presentConsultation),
};

/** As it is stored, with the entries in the order of the queue. */
function presentQueue(state: QueueState): object {
  const entries = [...state.order.values()].flatMap((id) => state.entries.get(id) ?? []);
  return { ...storeQueue(state), entries };
}

function presentConsultation({ visit, consent, conversation }: ConsultationState): object {
  const invitations = Object.entries(visit.invitations).map(
    ([id, { hash: _hash, ...invitation }]) => [id, invitation] as const,
  );
  return { visit: { ...visit, invitations: Object.fromEntries(invitations) }, consent, conversation };
}

/** What an event said, without what was kept to recognise an invitation's code. */
export function presentPayload({ type, payload }: PastEvent): Record<string, unknown> {
  if (type !== "visit.invited") return { ...payload };
  const { hash: _hash, ...rest } = payload;
  return rest;
}
