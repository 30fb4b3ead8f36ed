import { endedSessions, personParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requirePerson } from "./person.ts";

export const endSessions = endpoint({
  id: "endSessions",
  method: "delete",
  path: "/v1/people/:id/sessions",
  tag: "auth",
  summary: "Sign a person out everywhere",
  description: "For administrators, of their own organisation. The person may sign in again.",
  input: { params: personParams },
  reply: endedSessions,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    await requirePerson(context, "sessions.end", id);
    const { principal, identity, audit } = context;
    const { org, id: actor } = principal;
    const ended = await identity.sessions.revoke(org, id, { except: null });
    await audit.record({ org, actor, action: "sessions.end", subject: id, detail: { ended } });
    return { ended };
  },
});
