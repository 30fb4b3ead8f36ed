import type { Recorded } from "../feature.ts";
import { keep } from "../lib/bounded.ts";
import { nextBackend } from "./choose.ts";
import type { CallFailed, CallJoined, CallOpening, CallSeen } from "./events.ts";
import {
  type Caller,
  type CallState,
  callerOf,
  initialCall,
  pausesMs,
  recordLimit,
  steadyMs,
} from "./state.ts";

/** Folds one recorded event into the call. Total. */
export function evolveCall(call: CallState, { at, event }: Recorded<CallSeen>): CallState {
  switch (event.type) {
    case "media.joined":
      return joined(call, event, at);
    case "media.left":
    case "visit.exited":
    case "visit.removed":
      return without(call, event.person, at);
    case "visit.ended":
      return Object.keys(call.people).length === 0 ? call : ended(call, at);
    case "media.opening":
      return opening(call, event, at);
    case "media.opened": {
      const { session } = call;
      if (session?.n !== event.n || call.stage !== "opening") return call;
      const { n, backend } = session;
      const sessions = keep(call.sessions, { n, backend, from: at, to: null }, recordLimit);
      const open = {
        stage: "open",
        since: at,
        session: { ...session, place: event.place },
        sessions,
      } as const;
      return { ...call, ...open, gaps: closeLast(call.gaps, at) };
    }
    case "media.failed":
      return failed(call, event, at);
    case "media.troubled": {
      const known = call.session?.n !== event.n || call.troubled.includes(event.person);
      return known ? call : { ...call, troubled: [...call.troubled, event.person] };
    }
    case "media.closed":
      return { ...call, closing: call.closing.filter(({ n }) => n !== event.n) };
    case "visit.woke":
      return everybody(call, (caller) => ({ ...caller, lostAt: caller.lostAt ?? at }));
    case "visit.entered": {
      const caller = callerOf(call, event.person);
      if (!caller || caller.lostAt === null) return call;
      return { ...call, people: { ...call.people, [event.person]: { ...caller, lostAt: null } } };
    }
    default:
      return call;
  }
}

function joined(call: CallState, { person, capabilities, order }: CallJoined, at: number): CallState {
  const before = callerOf(call, person);
  const polite = before?.polite ?? !Object.values(call.people).some((other) => other.polite);
  const caller: Caller = { ...capabilities, since: before?.since ?? at, polite, lostAt: null };
  return { ...call, order, people: { ...call.people, [person]: caller } };
}

function without(call: CallState, person: string, at: number): CallState {
  if (!callerOf(call, person)) return call;
  const { [person]: _, ...people } = call.people;
  const troubled = call.troubled.filter((one) => one !== person);
  return Object.keys(people).length === 0 ? ended(call, at) : { ...call, people, troubled };
}

/** Nobody is in the call any more. What was tried is forgotten with it. */
function ended(call: CallState, at: number): CallState {
  const { order, stage, since, reason, retryAt, people, failed, failures } = initialCall;
  return {
    ...laidDown(call, at),
    gaps: closeLast(call.gaps, at),
    ...{ order, stage, since, reason, retryAt, people, failed, failures },
  };
}

/** The running session, if there is one, is over; its backend has yet to hear of it. */
function laidDown(call: CallState, at: number): CallState {
  const { stage, session, closing } = call;
  if (!session || (stage !== "open" && stage !== "opening")) return call;
  return { ...call, troubled: [], closing: [...closing, session], sessions: closeLast(call.sessions, at) };
}

function opening(call: CallState, { n, backend, reason }: CallOpening, at: number): CallState {
  const again = call.failed.includes(backend);
  const next: CallState = {
    ...laidDown(call, at),
    stage: "opening",
    session: { n, backend, place: null },
    since: at,
    reason,
    retryAt: null,
    failed: again ? [] : call.failed,
    gaps: reason === null ? call.gaps : gapFrom(call, reason, at),
  };
  // Everyone joins it anew, so that the two sides can be told apart again.
  return everybody(next, (caller, index) => ({ ...caller, polite: index === 0 }));
}

function failed(call: CallState, { n, reason, order }: CallFailed, at: number): CallState {
  const { session } = call;
  if (session?.n !== n || (call.stage !== "open" && call.stage !== "opening")) return call;
  const steady = call.stage === "open" && at - call.since >= steadyMs;
  const lately = steady ? [] : call.failed;
  const failures = steady ? 1 : call.failures + 1;
  const all = [...lately.filter((backend) => backend !== session.backend), session.backend];
  return {
    ...laidDown(call, at),
    ...{ stage: "unavailable", since: at, reason, order, failed: all, failures },
    retryAt: retryTime({ ...call, order, failed: all, failures }, at),
    gaps: gapFrom(call, reason, at),
  };
}

/** At once where something else can be tried; else after a pause that grows; in the end not at all. */
function retryTime({ order, people, failed, failures }: CallState, at: number): number | null {
  const pause = pausesMs[failures - 1];
  const next = nextBackend(order, Object.values(people), failed);
  if (next === null || pause === undefined) return null;
  return failed.includes(next) ? at + pause : at;
}

function gapFrom({ gaps }: CallState, reason: string, from: number): CallState["gaps"] {
  return gaps.at(-1)?.to === null ? gaps : keep(gaps, { reason, from, to: null }, recordLimit);
}

/** The list with its last part ended, if that is still open. */
function closeLast<T extends { readonly to: number | null }>(list: readonly T[], to: number): readonly T[] {
  const last = list.at(-1);
  return last?.to === null ? [...list.slice(0, -1), { ...last, to }] : list;
}

function everybody(call: CallState, change: (caller: Caller, index: number) => Caller): CallState {
  const people = Object.entries(call.people).map(([person, one], index) => [person, change(one, index)]);
  return people.length === 0 ? call : { ...call, people: Object.fromEntries(people) };
}
