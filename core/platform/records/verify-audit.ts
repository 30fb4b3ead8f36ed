import {
  type Anchor,
  type Checkpoint,
  genesis,
  type KeptCheckpoint,
  type Seal,
  segmentDigest,
} from "../../domain/audit/chain.ts";
import { createChainVerifier, type Finding, type Verdict } from "../../domain/audit/verifier.ts";
import type { AuditChain, LinkedEntry } from "./audit-chain.ts";
import { sha256 } from "./sealer.ts";

export interface VerifyParts {
  readonly chain: AuditChain;
  /** Whether one of our keys signed it. */
  readonly isSigned: (signed: Checkpoint | Anchor) => boolean | Promise<boolean>;
  /** The checkpoints that are kept outside the database. */
  readonly kept: (org: string) => Promise<readonly KeptCheckpoint[]>;
  /** Where chains begin, as it is kept outside the database. */
  readonly keptAnchors: (org: string) => Promise<readonly Anchor[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface AuditVerdict extends Verdict {
  readonly org: string;
  /** Of the database, and kept outside it. */
  readonly checkpoints: number;
  readonly kept: number;
  /** Where the chain begins since what was before went by retention; null: at its first entry. */
  readonly anchor: Anchor | null;
}

const page = 1_000;
const reported = 1_000;

/** Looks at an organisation's whole audit, or from a place in its chain on, and at every checkpoint of it. */
export async function verifyAudit(parts: VerifyParts, org: string, from = 1): Promise<AuditVerdict> {
  const { anchor, findings: aboutAnchor } = await beginning(parts, org);
  const floor = anchor?.n ?? 0;
  const since = <C extends Pick<Checkpoint, "n">>(all: readonly C[]) => all.filter(({ n }) => n >= floor);
  const [inside, kept] = await Promise.all([
    parts.chain.checkpoints(org).then(since),
    parts.kept(org).then(since),
  ]);
  const { good, findings } = await sift(inside, kept, parts.isSigned, floor);
  const first = anchor ?? { n: 0, hash: genesis };
  const after = from > floor + 1 ? await linkAt(parts.chain, org, from - 1) : first;
  const relevant = good.filter(({ n }) => n >= from || n >= after.n);
  const verifier = createChainVerifier({ digest: sha256, after, checkpoints: relevant, now: parts.now() });
  for await (const { seal, entry } of pages((last) => parts.chain.links(org, last, page), after.n))
    verifier.link(seal, entry);
  if (after === first) {
    for (let last = 0; ; ) {
      const found = await parts.chain.strays(org, last, page);
      for (const entry of found) verifier.unsealed(entry);
      last = found.at(-1)?.id ?? last;
      if (found.length < page) break;
    }
  }
  const verdict = verifier.finish();
  const all = [...aboutAnchor, ...findings, ...verdict.findings].slice(0, reported);
  return { org, ...verdict, findings: all, checkpoints: inside.length, kept: kept.length, anchor };
}

/**
 * The furthest beginning that was signed, wherever it is kept. One that was not is none: then what is not there is missing, as if nobody had said
 * that it was to go.
 */
async function beginning(
  { chain, keptAnchors, isSigned }: VerifyParts,
  org: string,
): Promise<{ readonly anchor: Anchor | null; readonly findings: readonly Finding[] }> {
  const [inside, outside] = await Promise.all([chain.anchors(org), keptAnchors(org)]);
  const findings: Finding[] = [];
  let anchor: Anchor | null = null;
  for (const one of [...inside, ...outside]) {
    const { n, at } = one;
    if (!(await isSigned(one))) findings.push({ kind: "anchor_forged", n, entry: null, at });
    else if (n > (anchor?.n ?? 0)) anchor = one;
  }
  if (anchor && !inside.some(({ n }) => n === anchor.n))
    findings.push({ kind: "anchor_missing", n: anchor.n, entry: null, at: anchor.at });
  return { anchor, findings };
}

async function linkAt(chain: AuditChain, org: string, n: number): Promise<Pick<Seal, "n" | "hash">> {
  const [found] = await chain.links(org, n - 1, 1);
  return found?.seal.n === n ? found.seal : { n, hash: genesis };
}

async function* pages(read: (after: number) => Promise<LinkedEntry[]>, from: number) {
  for (let last = from; ; ) {
    const found = await read(last);
    yield* found;
    last = found.at(-1)?.seal.n ?? last;
    if (found.length < page) return;
  }
}

/** Checkpoints that may be believed, and what is wrong with the others. */
async function sift(
  inside: readonly Checkpoint[],
  kept: readonly KeptCheckpoint[],
  isSigned: VerifyParts["isSigned"],
  floor: number,
): Promise<{ readonly good: (Checkpoint & { links?: readonly Seal[] })[]; readonly findings: Finding[] }> {
  const findings: Finding[] = [];
  const good: (Checkpoint & { links?: readonly Seal[] })[] = [];
  const fault = (kind: Finding["kind"], { n, at }: Pick<Checkpoint, "n"> & { at: number | null }) =>
    findings.push({ kind, n, entry: null, at });
  for (const checkpoint of kept) {
    const { links, ...signed } = checkpoint;
    if (!(await isSigned(signed)) || segmentDigest(sha256, links) !== checkpoint.segment)
      fault("checkpoint_forged", checkpoint);
    else good.push(checkpoint);
  }
  const outside = new Set(good.map(({ n }) => n));
  for (const checkpoint of inside) {
    if (!(await isSigned(checkpoint))) fault("checkpoint_forged", checkpoint);
    else if (!outside.has(checkpoint.n)) good.push(checkpoint);
  }
  const insideAt = new Set(inside.map(({ n }) => n));
  for (const { n, at } of good) if (!insideAt.has(n)) fault("checkpoint_missing", { n, at });
  // What outside names, and what the database has from before the last of those.
  const latest = Math.max(0, ...outside);
  const named = [
    ...good.filter(({ n }) => outside.has(n)).map(({ previous }) => previous),
    ...inside.map(({ n }) => n).filter((n) => n < latest),
  ];
  for (const n of new Set(named))
    if (n > 0 && n >= floor && !outside.has(n)) fault("checkpoint_missing", { n, at: null });
  return { good, findings: findings.sort((a, b) => (a.n ?? 0) - (b.n ?? 0)) };
}
