import { randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { KeyRing } from "../../core/platform/crypto/key-ring.ts";

/**
 * How a room process and a media node know each other: whoever has the installation's master keys. Each says to the
 * other who it is, and for whom that is meant, in a token that is good for a moment.
 */
export interface ControlTokens {
  /** A room process to a node. `nonce` comes back in the node's answer. */
  ask(from: string, node: string): Promise<{ readonly token: string; readonly nonce: string }>;
  /** What a node was shown. Throws when it is not good; the same one is good once. */
  checkAsk(token: string, node: string): Promise<{ readonly from: string; readonly nonce: string }>;
  answer(node: string, to: { readonly from: string; readonly nonce: string }): Promise<string>;
  /** Throws when it is not that node's, or not to this question. */
  checkAnswer(
    token: string,
    node: string,
    asked: { readonly from: string; readonly nonce: string },
  ): Promise<void>;
}

const use = "media control";
const lifeSeconds = 30;
const algorithm = "HS256";
const types = { ask: "media-ask+jwt", answer: "media-answer+jwt" } as const;
const claims = z.object({ iss: z.string().min(1), jti: z.string().min(1), exp: z.number() });

export function createControlTokens(ring: Pick<KeyRing, "derive">, now: () => number): ControlTokens {
  /** Those that were shown, until they would not be good any more. */
  const shown = new Map<string, number>();

  const sign = (typ: string, from: string, to: string, nonce: string): Promise<string> => {
    const { name, key } = ring.derive(use);
    const seconds = Math.floor(now() / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg: algorithm, typ, kid: name })
      .setIssuer(from)
      .setAudience(to)
      .setJti(nonce)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifeSeconds)
      .sign(key);
  };

  const verify = async (token: string, typ: string, audience: string) => {
    const { payload } = await jwtVerify(token, ({ kid }) => ring.derive(use, kid).key, {
      algorithms: [algorithm],
      typ,
      audience,
      requiredClaims: ["exp", "iat", "iss", "jti"],
      maxTokenAge: lifeSeconds,
      currentDate: new Date(now()),
    });
    return claims.parse(payload);
  };

  return {
    ask: async (from, node) => {
      const nonce = randomUUID();
      return { nonce, token: await sign(types.ask, from, node, nonce) };
    },
    checkAsk: async (token, node) => {
      const { iss, jti, exp } = await verify(token, types.ask, node);
      for (const [known, until] of shown) if (until < now()) shown.delete(known);
      if (shown.has(jti)) throw new Error("this token was shown before");
      shown.set(jti, (exp + 1) * 1_000);
      return { from: iss, nonce: jti };
    },
    answer: (node, { from, nonce }) => sign(types.answer, node, from, nonce),
    checkAnswer: async (token, node, { from, nonce }) => {
      const { iss, jti } = await verify(token, types.answer, from);
      if (iss !== node || jti !== nonce)
        throw new Error("this is another node's answer, or to another question");
    },
  };
}
