import { organisation, changeOrganisation as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { found, mayDo } from "./own.ts";

export const changeOrganisation = endpoint({
  id: "changeOrganisation",
  method: "patch",
  path: "/v1/organisation",
  tag: "people",
  summary: "Give my organisation another name",
  description: "For administrators. Every change is recorded.",
  limited: true,
  ifMatch: "optional",
  input: { body: request },
  reply: organisation,
  revision: ({ revision }) => revision,
  errors: ["forbidden", "not_found"],
  handle: async ({ body: { name } }, { principal, identity, audit, allowed }) => {
    mayDo(principal, "org.change");
    const { org, id: actor } = principal;
    await audit.record({ org, actor, action: "org.change", detail: { name } });
    return found(await identity.administer.rename(org, allowed, name));
  },
});
