import { createHmac } from "node:crypto";
import type { IceServer } from "../../core/protocol/call.ts";

export interface TurnSettings {
  /** `stun:` and `stuns:` URLs, which need no credentials. */
  readonly stunUrls: readonly string[];
  /** `turn:` and `turns:` URLs; none: browsers have to reach each other directly. */
  readonly turnUrls: readonly string[];
  /** Shared with the TURN servers (coturn's `static-auth-secret`). */
  readonly turnSecret: string;
  readonly turnTtlSeconds: number;
}

/**
 * Credentials that a TURN server checks by itself, and that are good for a while only, as coturn has them
 * (`use-auth-secret`): the user name is `<expiry>:<who>`, the password its HMAC-SHA1. `who` ends up in the server's
 * log, so it must not name anybody.
 */
export function turnCredentials(
  secret: string,
  who: string,
  expiresAt: number,
): { readonly username: string; readonly credential: string } {
  const username = `${Math.floor(expiresAt / 1_000)}:${who}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

/** What a browser finds its way by. */
export function iceServersFor(
  { stunUrls, turnUrls, turnSecret, turnTtlSeconds }: TurnSettings,
  who: string,
  now: number,
): IceServer[] {
  const stun = stunUrls.length === 0 ? [] : [{ urls: [...stunUrls] }];
  if (turnUrls.length === 0) return stun;
  const credentials = turnCredentials(turnSecret, who, now + turnTtlSeconds * 1_000);
  return [...stun, { urls: [...turnUrls], ...credentials }];
}
