import { clients } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requireClients } from "./administrator.ts";

export const listClients = endpoint({
  id: "listClients",
  method: "get",
  path: "/v1/clients",
  tag: "clients",
  summary: "The clients of my organisation",
  description:
    "Also those that were revoked. Of secrets, when they were made and last used, and their last characters.",
  input: {},
  reply: clients,
  errors: ["forbidden"],
  handle: async (_, { principal, identity }) => {
    requireClients(principal, "clients.list");
    const found = await identity.clients.list(principal.org);
    const items = found.map(({ scopes, secrets, ...client }) => ({
      ...client,
      scopes: [...scopes],
      secrets: [...secrets],
    }));
    return { items };
  },
});
