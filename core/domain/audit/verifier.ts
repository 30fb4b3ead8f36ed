import { type ChainedEntry, type Checkpoint, type Digest, genesis, linkHash, type Seal } from "./chain.ts";

/**
 * What is wrong with a chain.
 *
 * - `altered`: the entry is not what was sealed. `reordered`: it is what was sealed at another place, `other` says which entry's.
 * - `deleted`: the sealed entry is not there. `inserted`: it stands among sealed entries and was never sealed.
 * - `backdated`: it says that it is older than a checkpoint before which it was not there.
 * - `unsealed`: it waits to be sealed for longer than that ever takes.
 * - `seal_altered`, `seal_missing`: the chain's own row was changed, or is not there.
 * - `rewritten`: from `n` to `until` the chain is not the one that was signed. `truncated`: it ends before what was signed.
 * - `checkpoint_forged`: not signed by a key of ours. `checkpoint_missing`: others name it, and it is not there.
 * - `anchor_forged`, `anchor_missing`: the same of where the chain is said to begin.
 */
export type FindingKind =
  | "altered"
  | "reordered"
  | "deleted"
  | "inserted"
  | "backdated"
  | "unsealed"
  | "seal_altered"
  | "seal_missing"
  | "rewritten"
  | "truncated"
  | "checkpoint_forged"
  | "checkpoint_missing"
  | "anchor_forged"
  | "anchor_missing";

export interface Finding {
  readonly kind: FindingKind;
  /** The place in the chain; null: it has none. */
  readonly n: number | null;
  /** The last place, where it is about several. */
  readonly until?: number;
  /** The entry's id; null: not known, or about no one entry. */
  readonly entry: number | null;
  /** What the entry says of its time (ms since the epoch); null: not known. */
  readonly at: number | null;
  /** Another entry that has to do with it. */
  readonly other?: number;
}

export interface Verdict {
  /** In the order of their places. */
  readonly findings: readonly Finding[];
  /** How many links were looked at, and the last one's place and hash. */
  readonly links: number;
  readonly last: Pick<Seal, "n" | "hash">;
  /** Entries that are not sealed yet, as they may be. */
  readonly waiting: number;
}

/** Looks at one organisation's chain link by link, in order. */
export interface ChainVerifier {
  /** `entry`: null: there is none with the seal's id. */
  link(seal: Seal, entry: ChainedEntry | null): void;
  /** An entry without a seal. After the links. */
  unsealed(entry: ChainedEntry): void;
  finish(): Verdict;
}

interface Given {
  readonly digest: Digest;
  /** The link before the first that is looked at; the beginning unless it is given. */
  readonly after?: Pick<Seal, "n" | "hash">;
  /** Checkpoints whose signatures are good, wherever they were kept, those with links first. */
  readonly checkpoints: readonly (Checkpoint & { readonly links?: readonly Seal[] })[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** How late an entry may be committed and sealed; after that something is wrong. */
export const latenessMs = 5 * 60_000;

interface Mismatch {
  readonly seal: Seal;
  readonly entry: ChainedEntry;
  readonly previous: string;
}

export function createChainVerifier({
  digest,
  after = { n: 0, hash: genesis },
  checkpoints,
  now,
}: Given): ChainVerifier {
  const findings: Finding[] = [];
  const mismatches: Mismatch[] = [];
  const signed = signedLinks(checkpoints);
  const sortedTimes = checkpoints.toSorted((a, b) => a.n - b.n);
  const strays: Finding[] = [];
  let last = after;
  /** What the last link's hash is by its entry; null: not known. */
  let computed: string | null = null;
  let links = 0;
  let waiting = 0;
  let horizon: Pick<ChainedEntry, "tx" | "id"> = { tx: "0", id: 0 };
  let passed = 0;
  let earliest = Number.NEGATIVE_INFINITY;

  const missing = (from: number, until: number): void => {
    if (until >= from) findings.push({ kind: "seal_missing", n: from, until, entry: null, at: null });
  };

  return {
    link: (seal, entry) => {
      const follows = seal.n === last.n + 1;
      missing(last.n + 1, seal.n - 1);
      for (; (sortedTimes[passed]?.n ?? Number.POSITIVE_INFINITY) < seal.n; passed += 1)
        earliest = Math.max(earliest, (sortedTimes[passed]?.at ?? 0) - latenessMs);
      links += 1;
      const before = signed.get(seal.n - 1)?.hash;
      const fact = signed.get(seal.n);
      const place = { n: seal.n, entry: fact?.entry ?? seal.entry, at: entry?.at ?? null };
      if (fact && (fact.hash !== seal.hash || (fact.entry ?? seal.entry) !== seal.entry))
        findings.push({ kind: "rewritten", until: seal.n, ...place });
      signed.delete(seal.n);
      if (!entry) {
        findings.push({ kind: "deleted", ...place });
        computed = null;
      } else {
        const previous = follows ? last.hash : (before ?? null);
        const own = previous === null ? seal.hash : linkHash(digest, seal.n, previous, entry);
        const good = own === seal.hash;
        if (!good && computed !== null && linkHash(digest, seal.n, computed, entry) === seal.hash)
          recast(findings, mismatches, last.n);
        else if (!good) mismatches.push({ seal, entry, previous: previous ?? genesis });
        else if (entry.at < earliest) findings.push({ kind: "backdated", ...place });
        computed = good ? null : own;
        if (isAfter(entry, horizon)) horizon = entry;
      }
      last = seal;
    },
    unsealed: (entry) => {
      const place = { n: null, entry: entry.id, at: entry.at };
      if (!isAfter(entry, horizon)) strays.push({ kind: "inserted", ...place });
      else if (entry.at < now - latenessMs) strays.push({ kind: "unsealed", ...place });
      else waiting += 1;
    },
    finish: () => {
      findings.push(...explain(digest, mismatches), ...ends(signed, last.n, after.n));
      const sorted = joined(findings.sort((a, b) => (a.n ?? 0) - (b.n ?? 0)));
      return { findings: [...sorted, ...strays], links, last: { n: last.n, hash: last.hash }, waiting };
    },
  };
}

interface SignedLink {
  readonly hash: string;
  readonly entry: number | null;
}

/** What was signed of each place. */
function signedLinks(checkpoints: Given["checkpoints"]): Map<number, SignedLink> {
  const signed = new Map<number, SignedLink>();
  for (const { n, hash } of checkpoints) signed.set(n, { hash, entry: null });
  for (const { links = [] } of checkpoints)
    for (const { n, hash, entry } of links) signed.set(n, { hash, entry });
  return signed;
}

/** The link after it was made from the entry as it is: so the entry is as it was, and its seal is not. */
function recast(findings: Finding[], mismatches: Mismatch[], n: number): void {
  const wrong = mismatches.at(-1);
  if (wrong?.seal.n !== n) return;
  mismatches.pop();
  findings.push({ kind: "seal_altered", n, entry: wrong.seal.entry, at: wrong.entry.at });
}

const compared = 200;

/** Which entries do not fit, and whether they would where another one stands. */
function explain(digest: Digest, mismatches: readonly Mismatch[]): Finding[] {
  const candidates = mismatches.slice(0, compared);
  return mismatches.map(({ seal, entry, previous }, i) => {
    const place = { n: seal.n, entry: seal.entry, at: entry.at };
    const fits = (other: ChainedEntry): boolean =>
      linkHash(digest, seal.n, previous, other) === seal.hash ||
      linkHash(digest, seal.n, previous, { ...other, id: entry.id }) === seal.hash;
    const other =
      i < compared
        ? candidates.find((each) => each.entry.id !== entry.id && fits(each.entry))?.entry
        : undefined;
    return other ? { kind: "reordered", ...place, other: other.id } : { kind: "altered", ...place };
  });
}

/** What was signed beyond the end of the chain. */
function ends(signed: ReadonlyMap<number, SignedLink>, last: number, first: number): Finding[] {
  const beyond = [...signed.keys()].filter((n) => n > last && n > first);
  if (beyond.length === 0) return [];
  const until = beyond.reduce((a, b) => Math.max(a, b));
  return [{ kind: "truncated", n: last + 1, until, entry: signed.get(last + 1)?.entry ?? null, at: null }];
}

/** Neighbours that were rewritten are one finding, at the first of them. */
function joined(findings: readonly Finding[]): Finding[] {
  const out: Finding[] = [];
  let open: { first: Finding; at: number; until: number } | null = null;
  for (const finding of findings) {
    if (finding.kind !== "rewritten" || finding.n === null) {
      out.push(finding);
      continue;
    }
    if (open && open.until + 1 >= finding.n) {
      open.until = finding.n;
      out[open.at] = { ...open.first, until: finding.n };
      continue;
    }
    open = { first: finding, at: out.length, until: finding.n };
    out.push(finding);
  }
  return out;
}

/** In the chain's order. */
function isAfter(a: Pick<ChainedEntry, "tx" | "id">, b: Pick<ChainedEntry, "tx" | "id">): boolean {
  const [one, other] = [BigInt(a.tx), BigInt(b.tx)];
  return one === other ? a.id > b.id : one > other;
}
