import { callFacts } from "../../core/domain/call/facts.ts";
import { type ConsultationState, consultationBehaviour } from "../../core/domain/kinds.ts";
import type { RequestGuard, RoomKind } from "../actor/room-kind.ts";
import { type ConversationLookups, conversationGuards } from "../chat/conversation-guards.ts";
import { type CallLookups, callGuards } from "./call-guards.ts";
import { consultationIndexes } from "./consultation-indexes.ts";
import { consultationSnapshot } from "./consultation-snapshot.ts";
import { type RecordingLookups, recordingGuards } from "./recording-guards.ts";
import { type VisitLookups, visitGuards } from "./visit-guards.ts";
import { authoriseConsultation } from "./visit-policy.ts";

/** The consultation: a visit, its call and its recording, what people agree to in it, and what they write to each other. */
export function createConsultationKind(
  lookups: ConversationLookups & VisitLookups & CallLookups & RecordingLookups,
): RoomKind<ConsultationState> {
  return {
    name: "consultation",
    behaviour: consultationBehaviour,
    requests: {
      ...within(conversationGuards(lookups), (root: ConsultationState) => root.conversation),
      ...visitGuards(lookups),
      ...callGuards(lookups),
      ...recordingGuards(lookups),
    },
    authorise: authoriseConsultation,
    indexes: consultationIndexes,
    facts: ({ call }, events) => callFacts(call, events),
    callers: ({ call }) => Object.keys(call.people).length,
    store: (root) => root,
    restore: (snapshot) => consultationSnapshot.parse(snapshot),
  };
}

/** A feature's guards, for a room of which it is a part. */
function within<Root, State>(
  guards: Readonly<Record<string, RequestGuard<State>>>,
  part: (root: Root) => State,
): Record<string, RequestGuard<Root>> {
  const lifted = (guard: RequestGuard<State>): RequestGuard<Root> => {
    if (guard.type === "query") {
      return {
        type: "query",
        ask: (payload, asked) => guard.ask(payload, { ...asked, state: part(asked.state) }),
      };
    }
    const { parse, ...rest } = guard;
    return {
      ...rest,
      parse: (payload) => {
        const { prepare, reply, ...parsed } = parse(payload);
        return {
          ...parsed,
          prepare: (asked) => prepare({ ...asked, state: part(asked.state) }),
          reply: reply && ((asked) => reply({ ...asked, state: part(asked.state) })),
        };
      },
    };
  };
  return Object.fromEntries(Object.entries(guards).map(([name, guard]) => [name, lifted(guard)]));
}
