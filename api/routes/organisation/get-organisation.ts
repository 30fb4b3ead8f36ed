import { organisation } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { found, mayDo } from "./own.ts";

export const getOrganisation = endpoint({
  id: "getOrganisation",
  method: "get",
  path: "/v1/organisation",
  tag: "people",
  summary: "My organisation",
  description: "For administrators.",
  input: {},
  reply: organisation,
  revision: ({ revision }) => revision,
  errors: ["forbidden", "not_found"],
  handle: async (_, { principal, identity }) => {
    mayDo(principal, "org.read");
    return found(await identity.administer.organisation(principal.org));
  },
});
