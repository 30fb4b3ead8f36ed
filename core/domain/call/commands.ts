import type { Command } from "../feature.ts";
import type { BackendName, Capabilities } from "./state.ts";

interface Identified extends Command {
  readonly id: string;
}

/** `order`: the backends as they are to be tried now. */
export interface JoinCall extends Identified {
  readonly name: "media.join";
  readonly capabilities: Capabilities;
  readonly order: readonly BackendName[];
}
export interface LeaveCall extends Identified {
  readonly name: "media.leave";
}
/** Somebody's call does not come through. */
export interface ReportFailure extends Identified {
  readonly name: "media.failed";
  readonly session: number;
  readonly reason: string;
  readonly order: readonly BackendName[];
}
export interface AskToMute extends Identified {
  readonly name: "media.mute";
  readonly participant: string;
}
/** The backend has opened a session, and keeps it there. */
export interface NoteOpened extends Identified {
  readonly name: "media.opened";
  readonly n: number;
  readonly place: string | null;
}
/** It could not. */
export interface NoteUnavailable extends Identified {
  readonly name: "media.unavailable";
  readonly n: number;
  readonly reason: string;
}
/** It has lost one, or is about to end where it runs (`drain`). */
export interface NoteLost extends Identified {
  readonly name: "media.lost";
  readonly n: number;
  readonly reason: string;
  readonly order: readonly BackendName[];
}
/** It has ended one. */
export interface NoteClosed extends Identified {
  readonly name: "media.closed";
  readonly n: number;
}
export interface DueCall extends Identified {
  readonly name: "media.due";
  readonly at: number;
}

export type CallCommand =
  | JoinCall
  | LeaveCall
  | ReportFailure
  | AskToMute
  | NoteOpened
  | NoteUnavailable
  | NoteLost
  | NoteClosed
  | DueCall;

export function isCallCommand(command: Command): command is CallCommand {
  return command.name.startsWith("media.");
}
