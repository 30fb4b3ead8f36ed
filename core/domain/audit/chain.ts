import { canonicalJson } from "./canonical.ts";

/** Every column of an entry, as the chain binds it. */
export interface ChainedEntry {
  readonly id: number;
  /** The transaction that wrote it: PostgreSQL's xid8, in decimal. */
  readonly tx: string;
  readonly org: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly kind: string | null;
  readonly room: string | null;
  readonly subject: string | null;
  readonly detail: unknown;
}

/** An entry's place in its organisation's chain. */
export interface Seal {
  /** From 1, without gaps. */
  readonly n: number;
  /** The entry's id. */
  readonly entry: number;
  /** SHA-256 in hexadecimal, see `linkHash`. */
  readonly hash: string;
}

/**
 * What an organisation's chain was at a moment, signed. Kept where whoever can write the database cannot: then a chain
 * that was made anew does not fit any more.
 */
export interface Checkpoint {
  readonly org: string;
  readonly n: number;
  /** Of the link `n`. */
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The `n` of the checkpoint before; 0: this is the first. */
  readonly previous: number;
  /** Of the links since that, see `segmentDigest`. */
  readonly segment: string;
  /** Names the key that signed. */
  readonly kid: string;
  /** Ed25519 over `signedText`, base64url. */
  readonly signature: string;
}

/**
 * Where an organisation's chain begins since what was before went by retention: after `n`, whose hash is `hash`. Signed, so that whoever can
 * write the database cannot take entries away and say that they were to go.
 */
export interface Anchor {
  readonly org: string;
  /** The last place that went, which a checkpoint stood on. */
  readonly n: number;
  readonly hash: string;
  /** When it went (ms since the epoch, as all times). */
  readonly at: number;
  /** What went was recorded before. */
  readonly before: number;
  readonly kid: string;
  readonly signature: string;
}

/** A checkpoint as it is kept outside the database: with every link since the one before, so that a difference has a place. */
export interface KeptCheckpoint extends Checkpoint {
  readonly links: readonly Seal[];
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. */
export type Digest = (text: string) => string;

/** What the first link follows. */
export const genesis = "0".repeat(64);

/** The hash of an entry as the `n`th of its organisation's chain, after a link with the hash `previous`. */
export function linkHash(digest: Digest, n: number, previous: string, entry: ChainedEntry): string {
  const { id, tx, org, at, actor, action, kind, room, subject, detail } = entry;
  const columns = { id, tx, org, at, actor, action, kind, room, subject, detail };
  return digest(canonicalJson({ v: 1, n, previous, entry: columns }));
}

/** Entries as the links that follow a link. */
export function chain(
  digest: Digest,
  after: Pick<Seal, "n" | "hash">,
  entries: readonly ChainedEntry[],
): Seal[] {
  let { n, hash } = after;
  return entries.map((entry) => {
    n += 1;
    hash = linkHash(digest, n, hash, entry);
    return { n, entry: entry.id, hash };
  });
}

export function segmentDigest(digest: Digest, links: readonly Seal[]): string {
  return digest(canonicalJson(links.map(({ n, entry, hash }) => [n, entry, hash])));
}

export function signedText(signed: Omit<Checkpoint, "signature"> | Omit<Anchor, "signature">): string {
  const { org, n, hash, at, kid } = signed;
  if ("before" in signed)
    return canonicalJson({ v: 1, anchor: true, org, n, hash, at, before: signed.before, kid });
  const { previous, segment } = signed;
  return canonicalJson({ v: 1, org, n, hash, at, previous, segment, kid });
}
