import { createHmac, type KeyObject } from "node:crypto";
import type { KeyRing } from "../crypto/key-ring.ts";

/** Stands for a piece of text in the index. */
export type GramHash = (gram: string) => number;

/** Under which keys the pieces of text of a build of the index are hashed: one for each organisation. */
export interface GramHashes {
  of(generation: { readonly id: number; readonly keyName: string }, org: string): GramHash;
  /** The master key that a new build's keys come from. */
  readonly currentKey: string;
}

const rememberedGrams = 50_000;
const rememberedKeys = 200;

/**
 * HMAC-SHA-256 (RFC 2104), of which 32 bits are kept: what falls together is told apart once the text is read, and says
 * less to whoever reads the index. Equal pieces can be linked in one organisation and one build, and nowhere else.
 */
export function createGramHashes(ring: Pick<KeyRing, "derive">): GramHashes {
  const known = new Map<string, GramHash>();
  return {
    currentKey: ring.derive("search").name,
    of: ({ id, keyName }, org) => {
      const use = `search ${id} ${org}`;
      const name = `${keyName}/${use}`;
      const before = known.get(name);
      if (before) return before;
      if (known.size >= rememberedKeys) known.clear();
      const hash = remembering(ring.derive(use, keyName).key);
      known.set(name, hash);
      return hash;
    },
  };
}

function remembering(key: KeyObject): GramHash {
  const hashes = new Map<string, number>();
  return (gram) => {
    const before = hashes.get(gram);
    if (before !== undefined) return before;
    if (hashes.size >= rememberedGrams) hashes.clear();
    const hash = createHmac("sha256", key).update(gram).digest().readInt32BE(0);
    hashes.set(gram, hash);
    return hash;
  };
}
