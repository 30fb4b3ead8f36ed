import { clientCreated, createClient as request } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requireClients } from "./administrator.ts";

export const createClient = endpoint({
  id: "createClient",
  method: "post",
  path: "/v1/clients",
  tag: "clients",
  summary: "Make a client for an integrator",
  description:
    "Its secret is in this answer and nowhere else. With id and secret the client gets tokens at `/v1/auth/client-token`.",
  limited: true,
  input: { body: request },
  status: 201,
  reply: clientCreated,
  errors: ["forbidden"],
  handle: async ({ body: { name, scopes } }, { principal, identity, audit }) => {
    requireClients(principal, "clients.create");
    const { org, id: actor } = principal;
    const { id, secret } = await identity.clients.add({ org, by: actor, name, scopes: [...new Set(scopes)] });
    await audit.record({ org, actor, action: "clients.create", subject: id, detail: { scopes } });
    return { id, name, scopes, secret };
  },
});
