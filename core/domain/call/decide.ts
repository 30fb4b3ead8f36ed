import { rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import { participantOf } from "../visit/state.ts";
import { carries, nextBackend, whyNone } from "./choose.ts";
import type { AskToMute, CallCommand, JoinCall, NoteLost, NoteOpened, ReportFailure } from "./commands.ts";
import { lossDues } from "./deadlines.ts";
import type { CallDecided, CallFailed, CallJoined, CallOpening } from "./events.ts";
import { evolveCall } from "./evolve.ts";
import {
  type CallInVisit,
  type CallState,
  type Capabilities,
  callerOf,
  drainReason,
  goneReason,
  peopleLimit,
} from "./state.ts";

type Decided = Decision<CallDecided>;

/** What a command does to the call of a visit. A failure of the call never touches the visit. */
export function decideCall(state: CallInVisit, command: CallCommand, by: Principal, now: number): Decided {
  const { call } = state;
  switch (command.name) {
    case "media.join":
      return join(state, command, by);
    case "media.leave":
      return callerOf(call, by.id) ? accept<CallDecided>(...leaving(state, by.id)) : accept();
    case "media.failed":
      return reportFailure(call, command, by, now);
    case "media.mute":
      return askToMute(call, command);
    case "media.opened":
      return opened(call, command);
    case "media.unavailable": {
      if (!isOpening(call, command.n)) return accept();
      const { n, reason } = command;
      return accept(
        ...afterFailure(call, { type: "media.failed", n, person: null, reason, order: call.order }, now),
      );
    }
    case "media.lost":
      return lost(call, command, now);
    case "media.closed":
      return call.closing.some(({ n }) => n === command.n)
        ? accept({ type: "media.closed", n: command.n })
        : accept();
    case "media.due":
      return due(state, Math.max(now, command.at));
  }
}

function join({ visit, call }: CallInVisit, command: JoinCall, by: Principal): Decided {
  if (visit.phase === "ended") return refuse(rejection("visit_ended"));
  const participant = participantOf(visit, by.id);
  if (participant?.admission !== "admitted" || participant.presentSince === null) {
    return refuse(rejection("forbidden", "Enter the visit first, then join its call."));
  }
  const { capabilities, order } = command;
  const people = { ...call.people, [by.id]: capabilities };
  const everyone = Object.values(people);
  if (everyone.length > peopleLimit) return refuse(rejection("call_full"));
  const known = isSame(callerOf(call, by.id), capabilities);
  const joined: CallJoined[] = known ? [] : [{ type: "media.joined", person: by.id, capabilities, order }];
  const running = call.stage === "opening" || call.stage === "open";
  if (running && call.session && carries(call.session.backend, everyone)) return accept(...joined);
  const backend = nextBackend(order, everyone, call.failed);
  if (!backend) return refuse(whyNone(order, everyone));
  if (call.stage === "unavailable" && call.retryAt !== null) return accept(...joined);
  const reason = running ? "people" : call.reason;
  return accept<CallDecided>(...joined, openingOf(call, backend, reason));
}

function isSame(known: Capabilities | undefined, asked: Capabilities): boolean {
  if (known?.audio !== asked.audio || known.video !== asked.video) return false;
  return (
    known.backends.length === asked.backends.length &&
    known.backends.every((one) => asked.backends.includes(one))
  );
}

function openingOf(
  { session }: CallState,
  backend: CallOpening["backend"],
  reason: string | null,
): CallOpening {
  return { type: "media.opening", n: (session?.n ?? 0) + 1, backend, reason };
}

function leaving({ visit }: CallInVisit, person: string): CallDecided[] {
  const gives = (participantOf(visit, person)?.media ?? "none") !== "none";
  const silent: CallDecided[] = gives ? [{ type: "visit.mediaChanged", person, media: "none" }] : [];
  return [...silent, { type: "media.left", person }];
}

/** A report about a session that is over, or was never open, says nothing about the one that is. */
function reportFailure(call: CallState, command: ReportFailure, by: Principal, now: number): Decided {
  if (!callerOf(call, by.id)) return refuse(rejection("not_in_call"));
  const { session: n, reason, order } = command;
  if (call.stage !== "open" || call.session?.n !== n) return accept();
  if (reason !== goneReason && isTheirsAlone(call, by.id, order)) {
    if (call.troubled.includes(by.id)) return accept();
    return accept({ type: "media.troubled", n, person: by.id, reason });
  }
  return accept(...afterFailure(call, { type: "media.failed", n, person: by.id, reason, order }, now));
}

/**
 * One person's network must not end the others' call again and again: in a call of three or more the session stays while it reaches half of
 * them, unless there is another backend that has not been tried.
 */
function isTheirsAlone(
  { people, session, failed, troubled }: CallState,
  person: string,
  order: JoinCall["order"],
): boolean {
  const everyone = Object.values(people);
  if (everyone.length < 3 || !session) return false;
  const tried = [...failed, session.backend];
  const next = nextBackend(order, everyone, tried);
  if (next !== null && !tried.includes(next)) return false;
  return new Set([...troubled, person]).size * 2 <= everyone.length;
}

/** The failure, and the next try where that is to be made at once. */
function afterFailure(call: CallState, event: CallFailed, now: number): CallDecided[] {
  const after = evolveCall(call, { seq: 0, at: now, by: "", event });
  return [event, ...retry(after, now)];
}

function retry(call: CallState, until: number): CallOpening[] {
  if (call.retryAt === null || call.retryAt > until) return [];
  const backend = nextBackend(call.order, Object.values(call.people), call.failed);
  return backend ? [openingOf(call, backend, call.reason)] : [];
}

function askToMute(call: CallState, { participant }: AskToMute): Decided {
  if (!callerOf(call, participant)) return refuse(rejection("participant_not_found"));
  return accept({ type: "media.muteAsked", person: participant });
}

function isOpening({ stage, session }: CallState, n: number): boolean {
  return stage === "opening" && session?.n === n;
}

function opened(call: CallState, { n, place }: NoteOpened): Decided {
  return isOpening(call, n) ? accept({ type: "media.opened", n, place }) : accept();
}

/** The backend itself says that its session is gone. One that is only to go on elsewhere is opened anew on the same. */
function lost(call: CallState, { n, reason, order }: NoteLost, now: number): Decided {
  const { session, stage } = call;
  if (stage !== "open" || session?.n !== n) return accept();
  if (reason === drainReason) return accept(openingOf(call, session.backend, reason));
  return accept(...afterFailure(call, { type: "media.failed", n, person: null, reason, order }, now));
}

/** Whoever has not come back is out; then the next session is tried, if there is anybody for it. */
function due({ call }: CallInVisit, until: number): Decided {
  const lost = lossDues(call).filter(({ at }) => at <= until);
  const left = lost.map(({ person }) => ({ type: "media.left", person }) as const);
  const after = left.reduce((all, event) => evolveCall(all, { seq: 0, at: until, by: "", event }), call);
  return accept<CallDecided>(...left, ...retry(after, until));
}
