import { endedSessions } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const endMyOtherSessions = endpoint({
  id: "endMyOtherSessions",
  method: "delete",
  path: "/v1/me/sessions",
  tag: "auth",
  summary: "Sign out all my sign-ins but this one",
  input: {},
  reply: endedSessions,
  errors: [],
  handle: async (_, { principal: { org, id: person, session }, identity, audit }) => {
    const ended = await identity.sessions.revoke(org, person, { except: session });
    await audit.record({ org, actor: person, action: "sessions.end", subject: person, detail: { ended } });
    return { ended };
  },
});
