import { clientParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requireClients } from "./administrator.ts";

export const revokeClient = endpoint({
  id: "revokeClient",
  method: "delete",
  path: "/v1/clients/:id",
  tag: "clients",
  summary: "Revoke a client",
  description: "For good: its tokens are refused everywhere within a second.",
  input: { params: clientParams },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, { principal, identity, audit }) => {
    requireClients(principal, "clients.revoke");
    const { org, id: actor } = principal;
    await identity.clients.revoke(org, id);
    await audit.record({ org, actor, action: "clients.revoke", subject: id });
  },
});
