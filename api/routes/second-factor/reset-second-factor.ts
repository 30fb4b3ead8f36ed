import { DomainError } from "../../../core/domain/errors.ts";
import { personParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requirePerson } from "../sessions/person.ts";

export const resetSecondFactor = endpoint({
  id: "resetSecondFactor",
  method: "delete",
  path: "/v1/people/:id/second-factor",
  tag: "auth",
  summary: "Take a person's second factor away",
  description:
    "For administrators, when somebody of their organisation has lost it. The person is signed out everywhere, and signs in with " +
    "the password; where a second factor is required, they set up a new one then.",
  input: { params: personParams },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    await requirePerson(context, "sessions.reset", id);
    const { principal, identity, audit } = context;
    const { org, id: actor } = principal;
    await audit.record({ org, actor, action: "second-factor.reset", subject: id });
    if (!(await identity.secondFactors.remove(org, id))) throw new DomainError("not_found");
    await identity.sessions.revoke(org, id, { except: null });
  },
});
