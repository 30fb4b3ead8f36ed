import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { personParams } from "../../../core/protocol/rest-identity.ts";
import { givePassword as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { requireManageable } from "./managed-person.ts";

export const givePassword = endpoint({
  id: "givePassword",
  method: "put",
  path: "/v1/people/:id/password",
  tag: "people",
  summary: "Give somebody a new password",
  description:
    "For administrators, when somebody of their organisation has lost theirs, or others know it. The person is signed out everywhere, and " +
    "changes it after signing in. Demo accounts keep theirs.",
  limited: true,
  input: { params: personParams, body: request },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found", "unavailable"],
  handle: async ({ params: { id }, body: { password } }, { principal, identity, audit }) => {
    const { org, id: actor } = principal;
    if (!can(principal, "sessions.reset", { org, person: id })) throw new DomainError("forbidden");
    const person = await identity.administer.person(org, id);
    if (!person) throw new DomainError("not_found");
    requireManageable(person);
    if (person.demo || person.username === null) throw new DomainError("forbidden");
    await audit.record({ org, actor, action: "password.reset", subject: id });
    await identity.administer.setPassword(org, id, password, null);
  },
});
