import { clientSecretParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requireClients } from "./administrator.ts";

export const removeClientSecret = endpoint({
  id: "removeClientSecret",
  method: "delete",
  path: "/v1/clients/:id/secrets/:secret",
  tag: "clients",
  summary: "Remove a client's secret",
  description: "The client's tokens are refused too; with its other secret it gets new ones at once.",
  input: { params: clientSecretParams },
  status: 204,
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id, secret } }, { principal, identity, audit }) => {
    requireClients(principal, "clients.change");
    const { org, id: actor } = principal;
    await identity.clients.removeSecret(org, id, secret);
    await audit.record({ org, actor, action: "clients.secret-removed", subject: id, detail: { secret } });
  },
});
