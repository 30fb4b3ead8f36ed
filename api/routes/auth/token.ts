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
    "Gives an access token for `Authorization: Bearer` and a refresh token. Wrong guesses are throttled. Where a second factor is " +
    "due it is refused with a `challenge`, which `POST /v1/auth/second-factor` takes.",
  input: { body: tokenRequest },
  reply: tokenReply,
  errors: [
    "credentials_rejected",
    "second_factor_required",
    "second_factor_enrolment",
    "csrf_rejected",
    "rate_limited",
    "unavailable",
  ],
  handle: async ({ body: { username, password, keep } }, context) => {
    if (keep === "cookie") refuseForeignPages(context);
    const credentials = { username, password, ...originOf(context.incoming) };
    return tokenReplyOf(context, await context.identity.signIn(credentials), keep);
  },
});
