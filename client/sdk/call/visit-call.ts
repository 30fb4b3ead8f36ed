import type { BackendName, Capabilities } from "../../../core/domain/call/state.ts";
import type {
  JoinReply,
  MuteAskedMessage,
  SignalMessage,
  SwitchedMessage,
} from "../../../core/protocol/call.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";

/** The call of a visit as its room shows it. */
export interface CallView {
  /** Counts the sessions; 0: there has been none. */
  readonly n: number;
  readonly backend: BackendName | null;
  readonly state: "none" | "opening" | "open" | "unavailable";
  readonly people: readonly CallerView[];
}

/** Somebody in the call, since when (ms), and what they have to give. */
export interface CallerView {
  readonly person: string;
  readonly since: number;
  readonly audio: boolean;
  readonly video: boolean;
}

export interface VisitCallEvents {
  signal: SignalMessage;
  switched: SwitchedMessage;
  muteAsked: MuteAskedMessage;
}

/** What a call asks of its visit's room, and hears from it; `joinCall` makes a call of it. */
export interface VisitCall {
  on<K extends keyof VisitCallEvents>(name: K, listener: (value: VisitCallEvents[K]) => void): () => void;
  /** Goes again until it is answered: the session may have to be opened first. */
  join(capabilities: Capabilities): Promise<JoinReply>;
  leave(): Promise<CommandReply>;
  failed(session: number, reason: string): Promise<CommandReply>;
  mute(participant: string): Promise<CommandReply>;
  /** Said once, over the present seat; rejects where there is none. */
  signal(session: number, data: unknown, to?: string): Promise<unknown>;
}

/** What a backend said to a signal. */
export function answerIn(reply: unknown): unknown {
  return typeof reply === "object" && reply !== null && "data" in reply ? reply.data : null;
}
