import { call } from "./call/feature.ts";
import type { CallState } from "./call/state.ts";
import { type ConsentState, consent } from "./consent/consent.ts";
import { conversation } from "./conversation/feature.ts";
import type { ConversationState } from "./conversation/state.ts";
import { type Behaviour, compose, mount } from "./feature.ts";
import { queue } from "./queue/feature.ts";
import type { QueueState } from "./queue/state.ts";
import { recording } from "./recording/feature.ts";
import { recordingGate } from "./recording/gate.ts";
import type { RecordingState } from "./recording/state.ts";
import { visit } from "./visit/feature.ts";
import type { VisitState } from "./visit/state.ts";

/** A consultation as a whole. */
export interface ConsultationState {
  readonly visit: VisitState;
  readonly call: CallState;
  readonly consent: ConsentState;
  readonly recording: RecordingState;
  readonly conversation: ConversationState;
}

/** A chat is one conversation and nothing else. */
export const chatBehaviour: Behaviour<ConversationState> = compose(conversation.initial, [
  mount(conversation, { get: (root: ConversationState) => root, set: (_, state) => state }),
]);

/** A waiting room is one queue. */
export const waitingBehaviour: Behaviour<QueueState> = compose(queue.initial, [
  mount(queue, { get: (root: QueueState) => root, set: (_, state) => state }),
]);

/** A consultation is a visit, its call, what people agreed to in it, its recording, and what they write to each other. */
export const consultationBehaviour: Behaviour<ConsultationState> = compose(
  { ...recording.initial, conversation: conversation.initial },
  [
    // What the next three decide goes through it; it keeps nothing of its own.
    mount(recordingGate, { get: (root: ConsultationState) => root, set: (root) => root }),
    mount(visit, {
      get: (root: ConsultationState) => root.visit,
      set: (root, state) => ({ ...root, visit: state }),
    }),
    // It sees who is in the visit, and changes nothing of that.
    mount(call, {
      get: (root: ConsultationState) => root,
      set: (root, state) => ({ ...root, call: state.call }),
    }),
    mount(consent, {
      get: (root: ConsultationState) => root.consent,
      set: (root, state) => ({ ...root, consent: state }),
    }),
    mount(conversation, {
      get: (root: ConsultationState) => root.conversation,
      set: (root, state) => ({ ...root, conversation: state }),
    }),
    mount(recording, {
      get: (root: ConsultationState) => root,
      set: (root, state) => ({ ...root, recording: state.recording }),
    }),
  ],
);
