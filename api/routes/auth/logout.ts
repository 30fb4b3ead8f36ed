import { refreshRequest } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import { cookieToken, dropCookie } from "./refresh-cookie.ts";

export const logout = openEndpoint({
  id: "signOut",
  method: "post",
  path: "/v1/auth/logout",
  tag: "auth",
  summary: "Sign out",
  description:
    "Ends the session of the refresh token (given, or in the cookie) and that of the access token, if one " +
    "is sent. Sockets of the session are closed. Doing it again does no harm.",
  input: { body: refreshRequest.optional() },
  status: 204,
  reply: null,
  errors: ["csrf_rejected", "unauthenticated"],
  handle: async ({ body }, context) => {
    const { identity, incoming } = context;
    const kept = body?.refresh_token ?? cookieToken(context);
    if (kept !== null) await identity.sessions.endByToken(kept);
    if (body?.refresh_token === undefined) dropCookie(context);
    if (kept !== null || incoming.bearer === null) return;
    const { session } = await identity.verify(incoming.bearer);
    await identity.sessions.end(session, "signed_out");
  },
});
