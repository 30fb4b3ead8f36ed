import { personParams, signInSessions } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requirePerson } from "./person.ts";
import { presentSession } from "./present-session.ts";

export const listSessions = endpoint({
  id: "listSessions",
  method: "get",
  path: "/v1/people/:id/sessions",
  tag: "auth",
  summary: "Where a person is signed in",
  description: "For administrators, of their own organisation. Every look is recorded.",
  input: { params: personParams },
  reply: signInSessions,
  errors: ["forbidden", "not_found"],
  reads: { action: "sessions.list", itself: true },
  handle: async ({ params: { id } }, context) => {
    await requirePerson(context, "sessions.list", id);
    const { principal, identity, trace } = context;
    const { org, session: current } = principal;
    await trace([{ subject: id }]);
    const found = await identity.sessions.list(org, id);
    return { items: found.map((session) => presentSession(session, current)) };
  },
});
