import { DomainError } from "../../../core/domain/errors.ts";
import { clientTokenReply, clientTokenRequest } from "../../../core/protocol/rest-identity.ts";
import { openEndpoint } from "../../endpoint.ts";
import { originOf } from "./origin.ts";

export const clientToken = openEndpoint({
  id: "clientToken",
  method: "post",
  path: "/v1/auth/client-token",
  tag: "auth",
  summary: "Get a token with client credentials",
  description:
    "OAuth 2.0's client credentials grant (RFC 6749, 4.4), for integrators. The client's id and secret come by HTTP Basic or in the " +
    "body, which is JSON or `application/x-www-form-urlencoded`. There is no refresh token: ask again.",
  input: { body: clientTokenRequest },
  reply: clientTokenReply,
  errors: ["client_rejected", "scope_rejected", "rate_limited"],
  handle: async ({ body: { client_id, client_secret, scope } }, { identity, incoming }) => {
    const basic = basicOf(incoming.header("authorization"));
    if (basic && client_secret !== undefined) {
      throw new DomainError(
        "invalid_payload",
        "Send the credentials by HTTP Basic or in the body, not by both.",
      );
    }
    const { id, secret } = basic ?? { id: client_id ?? "", secret: client_secret ?? "" };
    const credentials = { id, secret, scopes: scope, ...originOf(incoming) };
    const { token, expiresInSeconds, scopes } = await identity.clients.token(credentials);
    return {
      access_token: token,
      token_type: "Bearer",
      expires_in: expiresInSeconds,
      scope: scopes.join(" "),
    };
  },
});

/** RFC 6749, 2.3.1: both parts are form-encoded. null: there is none that can be read. */
function basicOf(header: string | undefined): { readonly id: string; readonly secret: string } | null {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const at = text.indexOf(":");
  const [id, secret] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)].map(formDecoded);
  return id && secret ? { id, secret } : null;
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v") ?? "";
}
