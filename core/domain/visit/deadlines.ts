import type { VisitEvent } from "./events.ts";
import { deserted, noShowMs, type VisitState } from "./state.ts";

export interface VisitDeadline {
  readonly at: number;
  readonly event: VisitEvent;
}

/** What the visit does by itself, soonest first; one that has ended does nothing more. */
export function visitDeadlines(state: VisitState): readonly VisitDeadline[] {
  const { phase, schedule, arrivedAt, entered, emptySince, invitations } = state;
  if (phase === "ended") return [];
  const dues: VisitDeadline[] = Object.entries(invitations)
    .filter(([, { status }]) => status === "open")
    .map(([invitation, { expiresAt }]) => ({
      at: expiresAt,
      event: { type: "visit.invitationExpired", invitation },
    }));
  const from = Math.max(schedule?.at ?? 0, arrivedAt ?? 0);
  if (phase !== "in_progress" && !entered && from > 0) {
    dues.push({ at: from + noShowMs, event: { type: "visit.ended", outcome: "no_show", reason: null } });
  }
  if (phase === "in_progress" && emptySince !== null) {
    const ended = { type: "visit.ended", outcome: "interrupted", reason: null } as const;
    dues.push({ at: emptySince + deserted, event: ended });
  }
  return dues.sort((a, b) => a.at - b.at);
}
