import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { personParams } from "../../../core/protocol/rest-identity.ts";
import { managedPerson } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { presentPerson } from "./managed-person.ts";

export const getPerson = endpoint({
  id: "getPerson",
  method: "get",
  path: "/v1/people/:id",
  tag: "people",
  summary: "A person of my organisation, as administrators see them",
  input: { params: personParams },
  reply: managedPerson,
  revision: ({ revision }) => revision,
  errors: ["forbidden", "not_found"],
  reads: { action: "people.read", subjects: ({ id }) => [id] },
  handle: async ({ params: { id } }, { principal, identity }) => {
    const { org } = principal;
    if (!can(principal, "people.read", { org, person: id })) throw new DomainError("forbidden");
    const person = await identity.administer.person(org, id);
    if (!person) throw new DomainError("not_found");
    return presentPerson(person);
  },
});
