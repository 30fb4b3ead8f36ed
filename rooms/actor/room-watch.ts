import type { CallFact } from "../../core/domain/call/facts.ts";
import type { ErrorCode } from "../../core/domain/errors.ts";

/** Told what rooms of one kind do on this process, for whoever measures it. Times are in milliseconds. */
export interface RoomWatch {
  /** A room was woken here. `replaced`: it was awake on a process that is gone. */
  woken(afterMs: number, replaced: boolean): void;
  /** A command is answered and durable, so long after it came. */
  acknowledged(afterMs: number): void;
  /** What became of an append is known again. False: another process has the room. */
  mended(ours: boolean): void;
  refused(code: ErrorCode): void;
  /** Somebody has their room again: after their connection broke, or after the room came here. */
  returned(afterMs: number, from: "broken" | "moved"): void;
  /** What happened to a room's call and is durable; told once, by the process that wrote it. */
  called(fact: CallFact): void;
}

/** Where nobody measures. */
export const unwatched: RoomWatch = {
  woken: () => {},
  acknowledged: () => {},
  mended: () => {},
  refused: () => {},
  returned: () => {},
  called: () => {},
};
