import { signInSessions } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { presentSession } from "./present-session.ts";

export const listMySessions = endpoint({
  id: "listMySessions",
  method: "get",
  path: "/v1/me/sessions",
  tag: "auth",
  summary: "Where I am signed in",
  description: "Sign-ins that go on, the last used first, this one marked.",
  input: {},
  reply: signInSessions,
  errors: [],
  handle: async (_, { principal, identity: { sessions } }) => {
    const found = await sessions.list(principal.org, principal.id);
    return { items: found.map((session) => presentSession(session, principal.session)) };
  },
});
