import type { RoomKindName } from "../../../core/domain/room.ts";
import type {
  callMessages,
  MuteAskedMessage,
  SignalMessage,
  SwitchedMessage,
} from "../../../core/protocol/call.ts";
import { serverMessages, type WireEvent } from "../../../core/protocol/events.ts";
import type {
  AdmittedMessage,
  CalledMessage,
  NoticeMessage,
  PlaceMessage,
  queueMessages,
} from "../../../core/protocol/queue.ts";
import type {
  RecordingLeaseMessage,
  RecordingStateMessage,
  recordingMessages,
} from "../../../core/protocol/recording.ts";
import type { visitMessages, YouMessage } from "../../../core/protocol/visit.ts";
import type { ChatState } from "../../../rooms/state/chat-state.ts";
import type { ConsultationState } from "../../../rooms/state/consultation-state.ts";
import type { WaitingState } from "../../../rooms/state/waiting-state.ts";

/** Of a conversation, wherever it is held. */
export interface ChatMessages {
  readonly events: readonly WireEvent[];
}

/** To a patient alone. */
export interface WaitingMessages {
  readonly "queue.place": PlaceMessage;
  readonly "queue.called": CalledMessage;
  readonly "queue.admitted": AdmittedMessage;
  readonly "queue.notice": NoticeMessage;
}

export interface VisitMessages extends ChatMessages {
  readonly "visit.you": YouMessage;
  readonly "media.signal": SignalMessage;
  readonly "media.switched": SwitchedMessage;
  readonly "media.muteAsked": MuteAskedMessage;
  readonly "recording.state": RecordingStateMessage;
  readonly "recording.lease": RecordingLeaseMessage;
}

/** What each kind of room shows and says. */
export interface RoomKinds {
  readonly chat: { readonly state: ChatState; readonly messages: ChatMessages };
  readonly waiting: { readonly state: WaitingState; readonly messages: WaitingMessages };
  readonly consultation: { readonly state: ConsultationState; readonly messages: VisitMessages };
}
export type StateOf<K extends RoomKindName> = RoomKinds[K]["state"];
export type MessagesOf<K extends RoomKindName> = RoomKinds[K]["messages"];

type QueueMessageName = (typeof queueMessages)[keyof typeof queueMessages];
type VisitMessageName =
  | (typeof visitMessages)[keyof typeof visitMessages]
  | (typeof callMessages)[keyof typeof callMessages]
  | (typeof recordingMessages)[keyof typeof recordingMessages];

/** The names of what a room says by itself. (Written out: the protocol's own would bring its schemas along.) */
export const messageNames: { readonly [K in RoomKindName]: readonly (keyof MessagesOf<K> & string)[] } = {
  chat: [serverMessages.events],
  waiting: [
    "queue.place",
    "queue.called",
    "queue.admitted",
    "queue.notice",
  ] satisfies readonly QueueMessageName[],
  consultation: [
    serverMessages.events,
    ...([
      "visit.you",
      "media.signal",
      "media.switched",
      "media.muteAsked",
      "recording.state",
      "recording.lease",
    ] satisfies readonly VisitMessageName[]),
  ],
};
