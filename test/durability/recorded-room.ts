import type { ChatStateLike } from "../../client/sdk/chat/room-view.ts";
import type { OpenRoom, RoomListener, RoomPort } from "../../client/sdk/connection/room-port.ts";
import { HugMeDoError } from "../../client/sdk/errors.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import { type Recorder, recordingTime } from "./recorder.ts";

export interface Viewer {
  readonly client: string;
  readonly person: string;
  /** `kind:id`. */
  readonly room: string;
}

/**
 * Seats in a room as before, with what goes over them written down. `conversationOf` finds the conversation in
 * the room's state; null: it shows none.
 */
export function recordedRoom<State, Messages>(
  open: OpenRoom<State, Messages>,
  recorder: Recorder,
  viewer: Viewer,
  conversationOf: (state: State) => ChatStateLike | null,
): OpenRoom<State, Messages> {
  const sent = new Set<string>();
  let shown = "";
  const seen = () => ({ t: recordingTime(), ...viewer });

  const recordState = (state: ChatStateLike) => {
    const cursors: Record<string, number> = {};
    state.cursors.forEach((seq, person) => {
      cursors[person] = seq;
    });
    const now = JSON.stringify([state.lastSeq, cursors]);
    if (now === shown) return;
    shown = now;
    recorder.record({ ...seen(), op: "state", lastSeq: state.lastSeq, cursors });
  };

  const request = async <Reply>(port: RoomPort, name: string, payload: unknown): Promise<Reply> => {
    if (name === "chat.read" && hasSeq(payload)) return recordRead(port, payload);
    if (!hasId(payload)) return recordAnswer(port, name, payload);
    const { id } = payload;
    if (!sent.has(id)) recorder.record({ ...seen(), op: "send", name, payload });
    sent.add(id);
    try {
      const reply = await port.request<Reply & CommandReply>(name, payload);
      recorder.record({ ...seen(), op: "ack", id, seq: reply.seq });
      return reply;
    } catch (error) {
      if (error instanceof HugMeDoError) recorder.record({ ...seen(), op: "refused", id, code: error.code });
      throw error;
    }
  };

  const recordAnswer = async <Reply>(port: RoomPort, name: string, payload: unknown): Promise<Reply> => {
    const reply = await port.request<Reply>(name, payload);
    recorder.record({ ...seen(), op: "answered", name });
    return reply;
  };

  const recordRead = async <Reply>(port: RoomPort, payload: { readonly seq: number }): Promise<Reply> => {
    recorder.record({ ...seen(), op: "read", seq: payload.seq });
    const reply = await port.request<Reply>("chat.read", payload);
    recorder.record({ ...seen(), op: "readAck", seq: payload.seq });
    return reply;
  };

  return async (listener, ...kept) => {
    const seat: RoomListener<State, Messages> = {
      ...listener,
      state: (state, touched) => {
        const conversation = conversationOf(state);
        if (conversation) recordState(conversation);
        listener.state(state, touched);
      },
      closed: (code) => {
        recorder.record({ ...seen(), op: "note", text: `loses its seat (${code})` });
        listener.closed(code);
      },
    };
    const port = await open(seat, ...kept);
    recorder.record({ ...seen(), op: "note", text: "has a seat" });
    return { ...port, request: (name, payload) => request(port, name, payload) };
  };
}

function hasId(payload: unknown): payload is { readonly id: string } {
  return typeof payload === "object" && payload !== null && "id" in payload && typeof payload.id === "string";
}

function hasSeq(payload: unknown): payload is { readonly seq: number } {
  return (
    typeof payload === "object" && payload !== null && "seq" in payload && typeof payload.seq === "number"
  );
}
