import { DomainError } from "../../../core/domain/errors.ts";
import type { SignedIn } from "../../../core/platform/identity/identity.ts";
import type { TokenReply } from "../../../core/protocol/rest.ts";
import type { Context } from "../../endpoint.ts";

const name = "hugmedo_refresh";
type Asked = Pick<Context<unknown>, "incoming" | "settings" | "setHeader">;

/** Where a browser keeps its refresh token: sent to these operations alone, and out of scripts' reach. */
function setCookie({ incoming, settings, setHeader }: Asked, value: string, maxAgeSeconds: number): void {
  const secure = incoming.secure || settings.publicAddress?.startsWith("https:");
  const attributes = `Path=/v1/auth; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict`;
  setHeader("set-cookie", `${name}=${value}; ${attributes}${secure ? "; Secure" : ""}`);
}

export function dropCookie(asked: Asked): void {
  setCookie(asked, "", 0);
}

/** The refresh token in the cookie; null: none. Throws `csrf_rejected` unless our own page sends it. */
export function cookieToken(asked: Asked): string | null {
  const token = asked.incoming.cookie(name);
  if (token === null || token === "") return null;
  if (asked.incoming.header("x-hugmedo-csrf") !== "1") throw new DomainError("csrf_rejected");
  refuseForeignPages(asked);
  return token;
}

/** Only browsers name an origin, and they always do so for requests like these. */
export function refuseForeignPages({ incoming, settings }: Asked): void {
  const { origin, host } = incoming;
  if (origin === null) return;
  const own = URL.canParse(origin) && new URL(origin).host === host;
  const published = settings.publicAddress !== null && new URL(settings.publicAddress).origin === origin;
  if (!own && !published && !settings.origins?.includes(origin)) throw new DomainError("csrf_rejected");
}

/** A sign-in's tokens as they are answered: in the cookie, the refresh token is nowhere else. */
export function tokenReplyOf(asked: Asked, signedIn: SignedIn, keep: "json" | "cookie"): TokenReply {
  const reply: TokenReply = {
    access_token: signedIn.accessToken,
    token_type: "Bearer",
    expires_in: signedIn.accessExpiresInSeconds,
  };
  if (keep === "json") return { ...reply, refresh_token: signedIn.refreshToken };
  setCookie(asked, signedIn.refreshToken, signedIn.refreshExpiresInSeconds);
  return reply;
}
