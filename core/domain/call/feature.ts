import type { Due, Errand, ErrandOutcome, Feature } from "../feature.ts";
import { initialVisit } from "../visit/state.ts";
import { type CallCommand, isCallCommand } from "./commands.ts";
import { callDueAt } from "./deadlines.ts";
import { decideCall } from "./decide.ts";
import { type CallDecided, type CallSeen, isSeenByCall } from "./events.ts";
import { evolveCall } from "./evolve.ts";
import { type CallInVisit, initialCall, type Session } from "./state.ts";

/** The call of a visit: who is in it, and which backend carries it. */
export const call: Feature<CallInVisit, CallCommand, CallSeen, CallDecided> = {
  name: "call",
  initial: { visit: initialVisit, call: initialCall },
  ownsCommand: isCallCommand,
  ownsEvent: isSeenByCall,
  decide: decideCall,
  evolve: (state, recorded) => {
    const after = evolveCall(state.call, recorded);
    return after === state.call ? state : { ...state, call: after };
  },
  due: callDue,
  errands: callErrands,
};

/** Half a minute or so: a backend that is in trouble for longer ends by itself what nobody uses. */
const closeTries = 12;

function callDue({ call }: CallInVisit): Due<CallCommand> | null {
  const at = callDueAt(call);
  if (at === null) return null;
  return { at, command: { name: "media.due", id: `due_${at}_call_${call.session?.n ?? 0}`, at } };
}

/** What the backends have to do: open the session that was chosen, and close those that are over. */
function callErrands({ call: { stage, session, closing } }: CallInVisit): readonly Errand[] {
  const closings = closing.map(closingOf);
  return stage === "opening" && session ? [...closings, openingOf(session)] : closings;
}

function openingOf({ n, backend }: Session): Errand {
  return {
    id: `open_${n}`,
    to: { kind: "media", id: backend },
    name: "open",
    payload: { n },
    settle: (outcome) => openedAs(n, outcome),
  };
}

function openedAs(n: number, outcome: ErrandOutcome): CallCommand {
  const id = `opened_${n}`;
  if (!outcome.ok) return { name: "media.unavailable", id, n, reason: outcome.rejection.code };
  return { name: "media.opened", id, n, place: outcome.answer ?? null };
}

function closingOf({ n, backend, place }: Session): Errand {
  return {
    id: `close_${n}`,
    to: { kind: "media", id: backend },
    name: "close",
    payload: { n, place },
    tries: closeTries,
    settle: () => ({ name: "media.closed", id: `closed_${n}`, n }) satisfies CallCommand,
  };
}
