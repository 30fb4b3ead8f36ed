import { tokenReply, tokenRequest } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import { originOf } from "./origin.ts";
import { refuseForeignPages, tokenReplyOf } from "./refresh-cookie.ts";

export const token = openEndpoint({
  id: "signIn",
  method: "post",
  path: "/v1/auth/token",
  tag: "auth",
  summary: "Sign in",
  description:
    "Gives an access token for `Authorization: Bearer` and a refresh token. Wrong guesses are throttled.",
  input: { body: tokenRequest },
  reply: tokenReply,
  errors: ["credentials_rejected", "csrf_rejected", "rate_limited", "unavailable"],
  handle: async ({ body: { username, password, keep } }, context) => {
    if (keep === "cookie") refuseForeignPages(context);
    const credentials = { username, password, ...originOf(context.incoming) };
    return tokenReplyOf(context, await context.identity.signIn(credentials), keep);
  },
});
