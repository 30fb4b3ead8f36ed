import {
  type CryptoKey,
  calculateJwkThumbprint,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
} from "jose";
import { z } from "zod";
import type { SigningKeyRepository, StoredKey } from "../repositories/signing-keys.ts";
import { type KeyPolicy, planKeys } from "./key-schedule.ts";

/** Encrypts what is kept; `context` must be the same to get it back. The key ring fits. */
export interface Wrapping {
  wrap(secret: Uint8Array, context: string): Promise<Uint8Array> | Uint8Array;
  unwrap(wrapped: Uint8Array, context: string): Promise<Uint8Array> | Uint8Array;
}

/** The keys of our own issuer. They live in the database, so that all processes sign and verify alike. */
export interface SigningKeys {
  /** Makes and retires keys as the schedule says, and learns what other processes made. */
  maintain(): Promise<void>;
  /** A signed compact JWT with `typ: at+jwt` (RFC 9068). */
  sign(claims: JWTPayload): Promise<string>;
  /** The public keys, also those that will sign soon and those that signed lately. */
  jwks(): JSONWebKeySet;
  /** Finds a token's key; asks the database at most every few seconds for one it does not know. */
  readonly resolve: JWTVerifyGetKey;
}

export interface SigningKeysOptions {
  readonly repository: SigningKeyRepository;
  readonly wrapping: Wrapping;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly policy: KeyPolicy;
  /** At least this long between two reads for unknown keys, in ms. */
  readonly cooldownMs?: number;
}

interface Key {
  readonly kid: string;
  readonly signsFrom: number;
  readonly jwk: JWK;
  readonly verify: CryptoKey;
  readonly sign: CryptoKey;
}

export const signingAlgorithm = "ES256";
const context = (kid: string) => `signing-key ${kid}`;
const jwkShape = z.looseObject({ kty: z.string() });

/** Call `maintain()` once before anything else, then every minute or so. */
export function createSigningKeys({
  repository,
  wrapping,
  now,
  policy,
  cooldownMs = 5_000,
}: SigningKeysOptions): SigningKeys {
  let keys = new Map<string, Key>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const adopt = async (stored: readonly StoredKey[]) => {
    const opened = await Promise.all(stored.map(async (key) => keys.get(key.kid) ?? openKey(key, wrapping)));
    keys = new Map(opened.map((key) => [key.kid, key]));
    readAt = now();
  };
  const reread = () => {
    reading ??= repository
      .all()
      .then(adopt)
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  return {
    maintain: async () => {
      await reread();
      const due = planKeys([...keys.values()], now(), policy);
      if (due.next === null && due.retired.length === 0) return;
      const stored = await repository.change(async (current) => {
        const { next, retired } = planKeys(current, now(), policy);
        return { add: next === null ? [] : [await makeKey(next, wrapping)], remove: retired };
      });
      await adopt(stored);
    },
    sign: async (claims) => {
      const { signing } = planKeys([...keys.values()], now(), policy);
      const key = keys.get(signing ?? "");
      if (!key) throw new Error("there is no signing key yet: maintain() has not run");
      return new SignJWT(claims)
        .setProtectedHeader({ alg: signingAlgorithm, typ: "at+jwt", kid: key.kid })
        .sign(key.sign);
    },
    jwks: () => ({ keys: [...keys.values()].map((key) => key.jwk) }),
    resolve: async ({ kid = "" }) => {
      if (!keys.has(kid) && (reading || now() - readAt >= cooldownMs)) await reread();
      const key = keys.get(kid);
      if (!key) throw new errors.JWKSNoMatchingKey();
      return key.verify;
    },
  };
}

async function makeKey(signsFrom: number, wrapping: Wrapping): Promise<StoredKey> {
  const pair = await generateKeyPair(signingAlgorithm, { extractable: true });
  const publicKey = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(publicKey);
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.privateKey)));
  return {
    kid,
    publicKey: JSON.stringify({ ...publicKey, kid, alg: signingAlgorithm, use: "sig" }),
    privateKey: await wrapping.wrap(secret, context(kid)),
    signsFrom,
  };
}

async function openKey(stored: StoredKey, wrapping: Wrapping): Promise<Key> {
  const { kid, signsFrom } = stored;
  const secret = await wrapping.unwrap(stored.privateKey, context(kid));
  const jwk = parseJwk(stored.publicKey);
  const [verify, sign] = await Promise.all([
    importKey(jwk),
    importKey(parseJwk(new TextDecoder().decode(secret))),
  ]);
  return { kid, signsFrom, jwk, verify, sign };
}

function parseJwk(text: string): JWK {
  return jwkShape.parse(JSON.parse(text));
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, signingAlgorithm);
  if (key instanceof Uint8Array) throw new Error("a signing key cannot be symmetric");
  return key;
}
