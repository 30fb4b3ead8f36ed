import type { BackendName } from "../call/state.ts";
import type { Command } from "../feature.ts";
import type { Made } from "./manifest.ts";

interface Identified extends Command {
  readonly id: string;
}

/** `recording`: the name of a new one. `recordable`: backends that can record now. */
export interface StartRecording extends Identified {
  readonly name: "recording.start";
  readonly recording: string;
  readonly recordable: readonly BackendName[];
  readonly keepMs: number;
}
export interface StopRecording extends Identified {
  readonly name: "recording.stop";
}
export const reportStatuses = ["running", "stopped", "uploaded"] as const;
/** What a browser says of what it records. `uploaded`: it has stopped, and everything it has recorded is here. */
export interface ReportRecording extends Identified {
  readonly name: "recording.report";
  readonly recording: string;
  readonly segment: number;
  readonly status: (typeof reportStatuses)[number];
}
/** The backend records. */
export interface NoteStarted extends Identified {
  readonly name: "recording.started";
  readonly recording: string;
  readonly segment: number;
}
/** It has ended. */
export interface NoteHalted extends Identified {
  readonly name: "recording.halted";
  readonly recording: string;
  readonly segment: number;
}
/** It will not record, or does not any more. `confirmed`: it has said so itself. */
export interface NoteLost extends Command {
  readonly name: "recording.lost";
  readonly recording: string;
  readonly segment: number;
  readonly reason: string;
  readonly confirmed: boolean;
}
/** The files are made. */
export interface NoteSealed extends Identified {
  readonly name: "recording.sealed";
  readonly recording: string;
  readonly made: Made;
  readonly sha256: string;
}
export interface NoteRemoved extends Identified {
  readonly name: "recording.removed";
  readonly recording: string;
}
/** Files that are there are kept until another time than was settled before. A repeat does nothing more; the same again after another does. */
export interface KeepRecording extends Command {
  readonly name: "recording.keep";
  readonly id: null;
  readonly recording: string;
  readonly until: number;
}
export interface DueRecording extends Identified {
  readonly name: "recording.due";
  readonly at: number;
}

export type RecordingCommand =
  | StartRecording
  | StopRecording
  | ReportRecording
  | NoteStarted
  | NoteHalted
  | NoteLost
  | NoteSealed
  | NoteRemoved
  | KeepRecording
  | DueRecording;

export function isRecordingCommand(command: Command): command is RecordingCommand {
  return command.name.startsWith("recording.");
}
