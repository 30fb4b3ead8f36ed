import type {
  ConsentView,
  ParticipantView,
  RecordingItem,
  RecordingView,
  VisitSnapshot,
} from "../../../../sdk/types.ts";
import { agrees } from "../visit/stand.ts";

/** How a recording stands, for those inside. `mending`: it broke off, and is tried again for a while; `ending`: it is being ended. */
export type RecordingSign = "none" | "starting" | "on" | "pausing" | "paused" | "mending" | "ending";

const signs: Readonly<Record<RecordingView["status"], RecordingSign>> = {
  none: "none",
  starting: "starting",
  running: "on",
  pausing: "pausing",
  paused: "paused",
  broken: "mending",
  stopping: "ending",
};

export function signOf({ status }: RecordingView): RecordingSign {
  return signs[status];
}

/** Whether somebody's voice or picture may be taken in at this moment. */
export function isTakenIn(recording: RecordingView): boolean {
  return ["starting", "on", "pausing", "mending", "ending"].includes(signOf(recording));
}

/** Why it is paused, as far as it is told in words of its own. */
export type PauseReason = "withdrawn" | "newcomer" | "other";

export function pauseReasonOf({ reason }: RecordingView): PauseReason {
  if (reason === "consent_withdrawn") return "withdrawn";
  return reason === "newcomer" ? "newcomer" : "other";
}

/** Those who are here and do not agree to being recorded: nothing is recorded while there are any. */
export function lacking(
  participants: readonly ParticipantView[],
  consents: readonly ConsentView[],
): readonly ParticipantView[] {
  return participants.filter(
    ({ person, admission, online }) =>
      admission === "admitted" && online && !agrees(consents, person, "recording"),
  );
}

/** Whether I am to be asked: somebody wishes to record, and it depends on me. `asked`: I was, and have not answered. */
export function isAsked(
  { me, phase, recording, consents }: Pick<VisitSnapshot, "me" | "phase" | "recording" | "consents">,
  asked: boolean,
): boolean {
  if (phase === "ended" || agrees(consents, me, "recording")) return false;
  return asked || (signOf(recording) === "paused" && pauseReasonOf(recording) === "newcomer");
}

/** What was recorded, without its gaps, in whole seconds. */
export function secondsOf({ intervals }: Pick<RecordingItem, "intervals">): number {
  return Math.round(intervals.reduce((ms, { from, to }) => ms + to - from, 0) / 1_000);
}

/** What one's browser calls a file that it keeps: when it was recorded, and whose it is. */
export function fileNameOf({ name, from }: RecordingItem["files"][number], whose: string): string {
  const date = new Date(from);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()];
  const [year, ...rest] = parts.map((part) => String(part).padStart(2, "0"));
  const ending = name.includes(".") ? name.slice(name.lastIndexOf(".")) : "";
  const safe = whose.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return `${[year, ...rest].join("-")}${safe === "" ? "" : `-${safe}`}${ending}`;
}
