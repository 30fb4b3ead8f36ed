import { DomainError } from "../../../core/domain/errors.ts";
import { personSessionParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requirePerson } from "./person.ts";

export const endSession = endpoint({
  id: "endSession",
  method: "delete",
  path: "/v1/people/:id/sessions/:session",
  tag: "auth",
  summary: "Sign out one of a person's sign-ins",
  description:
    "For administrators, of their own organisation. Its tokens are refused and its sockets closed, on every process within a second.",
  input: { params: personSessionParams },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id, session } }, context) => {
    await requirePerson(context, "sessions.end", id);
    const { principal, identity, audit } = context;
    const { org, id: actor } = principal;
    const ended = await identity.sessions.revoke(org, id, { only: session });
    if (ended === 0) throw new DomainError("not_found");
    await audit.record({ org, actor, action: "sessions.end", subject: id, detail: { session } });
  },
});
