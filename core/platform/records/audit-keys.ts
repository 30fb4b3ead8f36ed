import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { canonicalJson } from "../../domain/audit/canonical.ts";
import { type Anchor, type Checkpoint, signedText } from "../../domain/audit/chain.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Db } from "../database/database.ts";

export type PublicJwk = Readonly<Record<string, string>>;

/**
 * The keys that sign checkpoints (Ed25519, RFC 8032): kept wrapped by the key ring, so that whoever can write the
 * database alone can neither sign nor bring in a key of their own.
 */
export interface AuditKeys {
  /** With the newest key; makes one where there is none. */
  sign(checkpoint: Omit<Checkpoint, "kid" | "signature">): Promise<Checkpoint>;
  signAnchor(anchor: Omit<Anchor, "kid" | "signature">): Promise<Anchor>;
  /** Whether one of our keys signed it. */
  verify(signed: Checkpoint | Anchor): Promise<boolean>;
  /** The public keys (RFC 7517, RFC 8037). */
  publicKeys(): Promise<readonly PublicJwk[]>;
}

interface Key {
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly secret: KeyObject;
  readonly open: KeyObject;
}

const context = (kid: string) => `audit-key ${kid}`;

export function createAuditKeys(db: Db, ring: KeyRing, now: () => number): AuditKeys {
  const opened = new Map<string, Key>();

  /** Rows whose private part our key ring does not open are none of ours. */
  const openRow = async (kid: string, wrapped: Uint8Array): Promise<Key | null> => {
    const known = opened.get(kid);
    if (known) return known;
    const der = await ring.unwrap(wrapped, context(kid)).catch(() => null);
    if (!der) return null;
    const key = keyOf(createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" }));
    if (key.kid !== kid) return null;
    opened.set(kid, key);
    return key;
  };

  const all = async (): Promise<Key[]> => {
    const rows = await db
      .selectFrom("audit_key")
      .select(["kid", "private_key"])
      .orderBy("created_at")
      .orderBy("kid")
      .execute();
    const keys = await Promise.all(rows.map(({ kid, private_key }) => openRow(kid, private_key)));
    return keys.filter((key) => key !== null);
  };

  const make = async (): Promise<Key> => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = keyOf(privateKey);
    const der = privateKey.export({ format: "der", type: "pkcs8" });
    await db
      .insertInto("audit_key")
      .values({
        kid: key.kid,
        public_key: JSON.stringify(key.jwk),
        private_key: await ring.wrap(der, context(key.kid)),
        created_at: now(),
      })
      .execute();
    opened.set(key.kid, key);
    return key;
  };

  const newest = async () => (await all()).at(-1) ?? (await make());

  return {
    sign: async (checkpoint) => {
      const { kid, secret } = await newest();
      return { ...checkpoint, kid, signature: signatureOf(signedText({ ...checkpoint, kid }), secret) };
    },
    signAnchor: async (anchor) => {
      const { kid, secret } = await newest();
      return { ...anchor, kid, signature: signatureOf(signedText({ ...anchor, kid }), secret) };
    },
    verify: async (signed) => {
      if (!opened.has(signed.kid)) await all();
      const key = opened.get(signed.kid);
      return key !== undefined && isSigned(signed, key.open);
    },
    publicKeys: async () => (await all()).map(({ jwk }) => jwk),
  };
}

function signatureOf(text: string, secret: KeyObject): string {
  return sign(null, Buffer.from(text), secret).toString("base64url");
}

/** Whether it was signed by the owner of one of these public keys, for whoever has nothing but those. */
export function verifyWith(keys: readonly PublicJwk[], signed: Checkpoint | Anchor): boolean {
  const jwk = keys.find(({ kid }) => kid === signed.kid);
  return jwk !== undefined && isSigned(signed, createPublicKey({ key: { ...jwk }, format: "jwk" }));
}

function isSigned(signed: Checkpoint | Anchor, key: KeyObject): boolean {
  return verify(null, Buffer.from(signedText(signed)), key, Buffer.from(signed.signature, "base64url"));
}

/** The key's id is its thumbprint (RFC 7638): another key cannot bear it. */
function keyOf(secret: KeyObject): Key {
  const open = createPublicKey(secret);
  const { x = "" } = open.export({ format: "jwk" });
  const required = { crv: "Ed25519", kty: "OKP", x };
  const kid = hash("sha256", canonicalJson(required), "base64url");
  return { kid, jwk: { ...required, kid, alg: "EdDSA", use: "sig" }, secret, open };
}
