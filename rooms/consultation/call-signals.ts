import { type CallState, callerOf } from "../../core/domain/call/state.ts";
import { DomainError, toDomainError } from "../../core/domain/errors.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import {
  callMessages,
  callRequests,
  type SignalMessage,
  type SignalReply,
} from "../../core/protocol/call.ts";
import type { MediaService } from "../../media/media-service.ts";
import { parsePayload } from "../actor/request-guards.ts";
import type { Here, Personal } from "../socket/room-view.ts";
import { authoriseVisit } from "./visit-policy.ts";

/** What signals pass through. */
export interface SignalPorts {
  readonly ref: RoomRef;
  readonly media: Pick<MediaService, "signal">;
  readonly here: Pick<Here, "has">;
  tell(messages: readonly Personal[]): void;
}

const awayRetryMs = 500;

/** Passes one signal on, between two who are in the same session or to its backend. Throws DomainError. */
export async function passSignal(
  input: unknown,
  by: Principal,
  state: ConsultationState,
  { ref, media, here, tell }: SignalPorts,
): Promise<SignalReply> {
  const refusal = authoriseVisit(state, "media.signal", by);
  if (refusal) throw toDomainError(refusal);
  const { session: n, to, data } = parsePayload(callRequests["media.signal"], input);
  const { backend, place } = sessionOf(state.call, by.id, n);
  if (to === undefined)
    return { data: await media.signal(backend, { org: by.org, ref, n, place }, by.id, data) };
  if (to === by.id || !callerOf(state.call, to)) throw new DomainError("participant_not_found");
  // They are on their way back: after a restart of the room, say.
  if (!here.has(to)) throw new DomainError("busy", undefined, { retryAfterMs: awayRetryMs });
  const payload: SignalMessage = { session: n, from: by.id, data };
  tell([{ person: to, name: callMessages.signal, payload }]);
  return {};
}

function sessionOf(call: CallState, person: string, n: number) {
  if (!callerOf(call, person)) throw new DomainError("not_in_call");
  if (call.stage !== "open" || call.session?.n !== n) throw new DomainError("call_moved");
  return call.session;
}
