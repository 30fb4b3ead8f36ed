import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { personParams } from "../../../core/protocol/rest-identity.ts";
import { managedPerson, changePerson as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { presentPerson, requireManageable } from "./managed-person.ts";

export const changePerson = endpoint({
  id: "changePerson",
  method: "patch",
  path: "/v1/people/:id",
  tag: "people",
  summary: "Change somebody's name or roles, or keep them from signing in",
  description:
    "For administrators, of their own organisation. Whoever is disabled, or has other roles, is signed out everywhere. One " +
    "administrator who can sign in has to remain. Every change is recorded.",
  limited: true,
  ifMatch: "optional",
  input: { params: personParams, body: request },
  reply: managedPerson,
  revision: ({ revision }) => revision,
  errors: ["forbidden", "not_found", "last_administrator"],
  handle: async ({ params: { id }, body }, { principal, identity, audit, allowed }) => {
    const { org, id: actor } = principal;
    const { name, roles, disabled } = body;
    const actions = [
      ...(name !== undefined || roles !== undefined ? (["people.change"] as const) : []),
      ...(disabled !== undefined ? (["people.disable"] as const) : []),
    ];
    if (!actions.every((action) => can(principal, action, { org, person: id })))
      throw new DomainError("forbidden");
    const before = await identity.administer.person(org, id);
    if (!before) throw new DomainError("not_found");
    requireManageable(before);
    // What it is to become; of a name only that it changes.
    const detail = { name: name !== undefined, roles, disabled };
    await audit.record({ org, actor, action: "people.change", subject: id, detail });
    const person = await identity.administer.change(org, id, allowed, body);
    if (!person) throw new DomainError("not_found");
    return presentPerson(person);
  },
});
