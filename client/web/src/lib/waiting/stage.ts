import type { EntryStatus } from "../../../../../core/domain/queue/state.ts";
import type { WaitingSnapshot } from "../../../../sdk/types.ts";

/**
 * What a patient has before them. `door`: they can take a place; `ended`: their place ended, and why is to be said;
 * `closed`: the server lets them in no more; the others are the status of their place.
 */
export type Stage = "connecting" | "closed" | "door" | "ended" | "admitted" | EntryStatus;

/** What the patient has done with what they were told. */
export interface Read {
  /** When the ending happened that they have read about (ms); null: none. */
  readonly ended: number | null;
  /** The visit that they have been led to; null: none. */
  readonly visit: string | null;
}

export const nothingRead: Read = { ended: null, visit: null };

export function stageOf({ status, queue, place, admitted }: WaitingSnapshot, read: Read): Stage {
  if (admitted && admitted.visit !== read.visit) return "admitted";
  if (status === "closed") return "closed";
  if (!queue || !place) return "connecting";
  if (place.status !== "none") return place.status;
  return place.ended && place.ended.at !== read.ended ? "ended" : "door";
}

/** Whether the patient has something here that must not be lost: a place, or a visit that is open for them. */
export function holdsPlace({ place, admitted }: WaitingSnapshot, read: Read): boolean {
  return (admitted !== null && admitted.visit !== read.visit) || (place !== null && place.status !== "none");
}

export interface Step {
  readonly key: "checkIn" | "wait" | "call" | "visit";
  readonly state: "done" | "now" | "next";
}

/** The way to the visit, and how far the patient has come. `ready`: everything the clinic asks for is there. */
export function stepsOf(stage: Stage, asks: number, ready: boolean): readonly Step[] {
  const keys = ["checkIn", "wait", "call", "visit"] as const;
  const at = stage === "called" ? 2 : ["confirmed", "leaving", "admitted"].includes(stage) ? 3 : 1;
  const state = (i: number) => (i < at ? "done" : i === at ? "now" : "next");
  const steps: readonly Step[] = keys.map((key, i) => ({
    key,
    state: key === "checkIn" && !ready ? "now" : state(i),
  }));
  return asks > 0 ? steps : steps.slice(1);
}
