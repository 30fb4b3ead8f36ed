import {
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
  readonly isSigned: (checkpoint: Checkpoint) => boolean | Promise<boolean>;
  /** The checkpoints that are kept outside the database. */
  readonly kept: (org: string) => Promise<readonly KeptCheckpoint[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface AuditVerdict extends Verdict {
  readonly org: string;
  /** Of the database, and kept outside it. */
  readonly checkpoints: number;
  readonly kept: number;
}

const page = 1_000;
const reported = 1_000;

/** Looks at an organisation's whole audit, or from a place in its chain on, and at every checkpoint of it. */
export async function verifyAudit(parts: VerifyParts, org: string, from = 1): Promise<AuditVerdict> {
  const [inside, kept] = await Promise.all([parts.chain.checkpoints(org), parts.kept(org)]);
  const { good, findings } = await sift(inside, kept, parts.isSigned);
  const after = from > 1 ? await linkAt(parts.chain, org, from - 1) : { n: 0, hash: genesis };
  const relevant = good.filter(({ n }) => n >= from);
  const verifier = createChainVerifier({ digest: sha256, after, checkpoints: relevant, now: parts.now() });
  for await (const { seal, entry } of pages((last) => parts.chain.links(org, last, page), after.n))
    verifier.link(seal, entry);
  if (from === 1) {
    for (let last = 0; ; ) {
      const found = await parts.chain.strays(org, last, page);
      for (const entry of found) verifier.unsealed(entry);
      last = found.at(-1)?.id ?? last;
      if (found.length < page) break;
    }
  }
  const verdict = verifier.finish();
  const all = [...findings, ...verdict.findings].slice(0, reported);
  return { org, ...verdict, findings: all, checkpoints: inside.length, kept: kept.length };
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
  for (const n of new Set(named)) if (n > 0 && !outside.has(n)) fault("checkpoint_missing", { n, at: null });
  return { good, findings: findings.sort((a, b) => (a.n ?? 0) - (b.n ?? 0)) };
}
