import { type CallState, callerOf } from "../../core/domain/call/state.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { ConsultationState as Consultation } from "../../core/domain/kinds.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { isVisitEvent } from "../../core/domain/visit/events.ts";
import { isInside, participantOf, type VisitState } from "../../core/domain/visit/state.ts";
import { callMessages } from "../../core/protocol/call.ts";
import { visitMessages, type YouMessage } from "../../core/protocol/visit.ts";
import type { MediaService } from "../../media/media-service.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import { createChatView } from "../chat/chat-view.ts";
import type { Urgency } from "../socket/patch-schedule.ts";
import type { Personal, RoomView, ViewedRoom } from "../socket/room-view.ts";
import { ConsultationState } from "../state/consultation-state.ts";
import { callMessagesOf } from "./call-messages.ts";
import { passSignal } from "./call-signals.ts";
import { recordingMessagesOf } from "./recording-board.ts";
import { RecordingLease } from "./recording-lease.ts";
import { VisitBoard } from "./visit-board.ts";
import { authoriseVisit } from "./visit-policy.ts";

export interface ConsultationParts {
  readonly room: ViewedRoom;
  readonly wheel: TimerWheel;
  readonly media: Pick<MediaService, "signal" | "leave" | "renew">;
  changed(urgency: Urgency): void;
  tell(messages: readonly Personal[]): void;
}

/** A consultation as those inside see it; whoever is at the door sees where it stands, and themselves. */
export function createConsultationView(
  initial: Consultation,
  { room, wheel, media, changed, tell }: ConsultationParts,
): RoomView<Consultation> {
  const schema = new ConsultationState();
  const board = new VisitBoard(schema);
  const talk = createChatView(initial.conversation, wheel, changed, schema);
  const { participants, invitations, consents, call, members, cursors, typing } = schema;
  const { org, ref, epoch, note } = room;
  const lease = new RecordingLease({ room: { org, ref }, media, wheel, epoch, tell, note });
  let shown = initial;

  /** The backend lets go of whoever has left; that of a session that is over is told by the room's errand. */
  const partWith = ({ people, session }: CallState, after: CallState): void => {
    if (!session || after.stage !== "open" || session.n !== after.session?.n) return;
    const { n, backend, place } = session;
    for (const person of Object.keys(people)) {
      if (!callerOf(after, person)) void media.leave(backend, { org, ref, n, place }, person);
    }
  };

  board.show(initial);
  lease.follow(initial.recording);

  return {
    schema,
    inner: [participants, invitations, consents, call.people, members, cursors, typing],
    admit: (state, by) => authoriseVisit(state, "visit.enter", by),
    isInsider: ({ visit }, by) => isInside(visit, by.id),
    show: (state, events) => {
      partWith(shown.call, state.call);
      shown = state;
      lease.follow(state.recording);
      const visitChanged = board.show(state);
      const talkChanged = talk.show(state.conversation, events);
      return visitChanged ? "now" : talkChanged;
    },
    present: (person, online) => {
      const seen = board.present(person, online);
      return seen ? "now" : talk.present(person, online);
    },
    deliver: talk.deliver,
    personal: (events, { visit, call: now, recording }, here) => [
      ...standingChanged(events, visit).flatMap((person) => {
        const you = here.has(person) ? youOf(visit, person) : null;
        return you ? [{ person, ...you }] : [];
      }),
      ...callMessagesOf(events, now, (person) => isInside(visit, person), here),
      ...recordingMessagesOf(events, recording, (person) => isInside(visit, person), here),
    ],
    greet: ({ visit }, by: Principal) => {
      const you = youOf(visit, by.id);
      return you ? [you] : [];
    },
    affected: (events) => [...new Set(peopleMoved(events))],
    ephemeral: (name, payload, by, state) => {
      if (name !== callMessages.signal) return talk.ephemeral(name, payload, by, state.conversation);
      return passSignal(payload, by, state, { ref, media, here: board, tell });
    },
    presence: (person, online) => ({ name: "visit.presence", id: null, person, online }),
    placed: () => [],
    woken: ({ visit }) => (visit.created ? { name: "visit.wake", id: null } : null),
    stop: () => {
      lease.stop();
      talk.stop();
    },
  };
}

function youOf(visit: VisitState, person: string): Omit<Personal, "person"> | null {
  const participant = participantOf(visit, person);
  if (!participant) return null;
  const { role, admission } = participant;
  const payload: YouMessage = { role, admission, locked: visit.locked };
  return { name: visitMessages.you, payload };
}

/** People who have been let in, removed, or have come to the door. */
function peopleMoved(events: readonly Recorded[]): string[] {
  return events.flatMap(({ event }) => {
    if (!isVisitEvent(event)) return [];
    if (event.type === "visit.accepted") return [event.guest];
    if (event.type === "visit.transferred") return [event.to.person];
    const moved = event.type === "visit.admitted" || event.type === "visit.removed";
    return moved || event.type === "visit.knocked" ? [event.person] : [];
  });
}

/** Whoever stands at the door is also told when it is locked. */
function standingChanged(events: readonly Recorded[], visit: VisitState): readonly string[] {
  const locked = events.some(({ event }) => isVisitEvent(event) && event.type === "visit.locked");
  return [...new Set(locked ? Object.keys(visit.participants) : peopleMoved(events))];
}
