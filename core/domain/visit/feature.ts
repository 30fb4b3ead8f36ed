import type { Due, Errand, Feature } from "../feature.ts";
import { isVisitCommand, type VisitCommand } from "./commands.ts";
import { visitDeadlines } from "./deadlines.ts";
import { decideVisit } from "./decide.ts";
import { isVisitEvent, type VisitDecided, type VisitEvent } from "./events.ts";
import { evolveVisit } from "./evolve.ts";
import { initialVisit, type VisitState } from "./state.ts";

/** One consultation: who takes part, who is let in, and where it stands. Its media are another feature's. */
export const visit: Feature<VisitState, VisitCommand, VisitEvent, VisitDecided> = {
  name: "visit",
  initial: initialVisit,
  ownsCommand: isVisitCommand,
  ownsEvent: isVisitEvent,
  decide: decideVisit,
  evolve: evolveVisit,
  due: visitDue,
  errands: visitErrands,
};

function visitDue(state: VisitState): Due<VisitCommand> | null {
  const [next] = visitDeadlines(state);
  if (!next) return null;
  const { at, event } = next;
  const which = event.type === "visit.invitationExpired" ? event.invitation : "visit";
  return { at, command: { name: "visit.due", id: `due_${at}_${which}`, at } };
}

/** The queue is told that the patient has come, and that the visit is over. */
function visitErrands({ messages, patient, clinician }: VisitState): readonly Errand[] {
  return messages.map(({ what, ms, origin: { queue, visit, transfer } }) => {
    const id = `${what}_${transfer}`;
    const about = { id, transfer, visit, patient: patient.person };
    return {
      id,
      to: queue,
      name: `queue.${what}`,
      payload: what === "used" ? about : { ...about, ...servedBy(clinician, ms) },
      settle: () => ({ name: "visit.report", id: `report_${id}`, what, transfer }) satisfies VisitCommand,
    };
  });
}

/** A visit that never began was nobody's. One that did has ended, so that a repeat says the same. */
function servedBy(clinician: VisitState["clinician"], ms: number | null) {
  return { clinician: ms === null ? null : (clinician?.person ?? null), ms };
}
