import type { Recorded } from "../feature.ts";
import { type CallFailed, isSeenByCall } from "./events.ts";
import { evolveCall } from "./evolve.ts";
import { type BackendName, type CallState, goneReason } from "./state.ts";

/** Why a session failed, as one of a few reasons: what browsers report has no such bounds. */
export const failureClasses = ["not_opened", "lost", "gone", "connection", "other"] as const;
export type FailureClass = (typeof failureClasses)[number];

/** What is worth counting of a call, without anybody in it. Times are in milliseconds. */
export type CallFact =
  | { readonly type: "opened"; readonly backend: BackendName; readonly afterMs: number }
  | { readonly type: "failed"; readonly backend: BackendName; readonly why: FailureClass }
  /** Nothing carried the call for so long; now something does. */
  | { readonly type: "gap"; readonly ms: number };

/** What these events, which came upon this call, tell of it. Pure. */
export function callFacts(before: CallState, events: readonly Recorded[]): readonly CallFact[] {
  let call = before;
  return events.flatMap(({ event, ...recorded }): readonly CallFact[] => {
    if (!isSeenByCall(event)) return [];
    const was = call;
    call = evolveCall(was, { ...recorded, event });
    const { session } = was;
    if (!session || call === was) return [];
    if (event.type === "media.failed") {
      return [{ type: "failed", backend: session.backend, why: failureClass(was, event) }];
    }
    if (event.type !== "media.opened" || call.stage !== "open" || was.stage !== "opening") return [];
    const opened = { type: "opened", backend: session.backend, afterMs: recorded.at - was.since } as const;
    const gap = was.gaps.at(-1);
    return gap?.to === null ? [opened, { type: "gap", ms: recorded.at - gap.from } as const] : [opened];
  });
}

function failureClass({ stage }: CallState, { person, reason }: CallFailed): FailureClass {
  if (person === null) return stage === "opening" ? "not_opened" : "lost";
  if (reason === goneReason) return "gone";
  return connection.includes(reason) ? "connection" : "other";
}

/** What our own page reports when nothing comes through. */
const connection: readonly string[] = ["ice_failed", "no_answer"];
