import { clientParams, createClientSecret, newClientSecret } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { requireClients } from "./administrator.ts";

export const addClientSecret = endpoint({
  id: "addClientSecret",
  method: "post",
  path: "/v1/clients/:id/secrets",
  tag: "clients",
  summary: "Give a client a second secret",
  description:
    "To change secrets without a pause: make one, put it to use, remove the other. It is in this answer and nowhere else.",
  limited: true,
  input: { params: clientParams, body: createClientSecret },
  status: 201,
  reply: newClientSecret,
  errors: ["forbidden", "not_found", "secret_limit"],
  handle: async ({ params: { id }, body: { expiresAt } }, { principal, identity, audit }) => {
    requireClients(principal, "clients.change");
    const { org, id: actor } = principal;
    const made = await identity.clients.addSecret(org, id, expiresAt);
    await audit.record({
      org,
      actor,
      action: "clients.secret-added",
      subject: id,
      detail: { secret: made.id },
    });
    return made;
  },
});
