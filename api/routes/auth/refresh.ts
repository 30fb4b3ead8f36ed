import { DomainError } from "../../../core/domain/errors.ts";
import { refreshRequest, tokenReply } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import { cookieToken, dropCookie, tokenReplyOf } from "./refresh-cookie.ts";

export const refresh = openEndpoint({
  id: "refresh",
  method: "post",
  path: "/v1/auth/refresh",
  tag: "auth",
  summary: "Exchange the refresh token for new tokens",
  description:
    "Each refresh token is good for one exchange; one that comes again ends the session. Without " +
    "`refresh_token` the cookie is used, and then the header `x-hugmedo-csrf: 1` is needed.",
  input: { body: refreshRequest.optional() },
  reply: tokenReply,
  errors: ["session_ended", "csrf_rejected"],
  handle: async ({ body }, context) => {
    const given = body?.refresh_token;
    if (given !== undefined) return tokenReplyOf(context, await context.identity.refresh(given), "json");
    const kept = cookieToken(context);
    if (kept === null) throw new DomainError("session_ended");
    try {
      return tokenReplyOf(context, await context.identity.refresh(kept), "cookie");
    } catch (error) {
      if (error instanceof DomainError && error.code === "session_ended") dropCookie(context);
      throw error;
    }
  },
});
