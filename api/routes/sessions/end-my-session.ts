import { DomainError } from "../../../core/domain/errors.ts";
import { sessionParams } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const endMySession = endpoint({
  id: "endMySession",
  method: "delete",
  path: "/v1/me/sessions/:id",
  tag: "auth",
  summary: "Sign out one of my sign-ins",
  description: "Its tokens are refused and its sockets closed, on every process within a second.",
  input: { params: sessionParams },
  status: 204,
  reply: null,
  errors: ["not_found"],
  handle: async ({ params: { id } }, { principal: { org, id: person }, identity, audit }) => {
    if ((await identity.sessions.revoke(org, person, { only: id })) === 0) throw new DomainError("not_found");
    await audit.record({
      org,
      actor: person,
      action: "sessions.end",
      subject: person,
      detail: { session: id },
    });
  },
});
