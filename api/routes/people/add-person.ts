import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { newPersonId } from "../../../core/platform/identity/administer.ts";
import { managedPerson, addPerson as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { presentPerson } from "./managed-person.ts";

export const addPerson = endpoint({
  id: "addPerson",
  method: "post",
  path: "/v1/people",
  tag: "people",
  summary: "Add somebody to my organisation",
  description:
    "For administrators. With an initial password, or without one for somebody who signs in elsewhere. Guests come by " +
    "invitation; operators are not an organisation's to make.",
  limited: true,
  input: { body: request },
  reply: managedPerson,
  revision: ({ revision }) => revision,
  status: 201,
  errors: ["forbidden", "already_exists", "unavailable"],
  handle: async ({ body }, { principal, identity, audit }) => {
    const { org, id: actor } = principal;
    if (!can(principal, "people.create", { org })) throw new DomainError("forbidden");
    const id = newPersonId();
    const detail = { roles: body.roles, password: body.password !== undefined };
    await audit.record({ org, actor, action: "people.create", subject: id, detail });
    return presentPerson(await identity.administer.add({ id, org, ...body }));
  },
});
