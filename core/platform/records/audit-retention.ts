import { sql } from "kysely";
import { type Anchor, type Checkpoint, genesis } from "../../domain/audit/chain.ts";
import { createChainVerifier } from "../../domain/audit/verifier.ts";
import type { Db } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import type { AuditChain } from "./audit-chain.ts";
import type { AuditKeys } from "./audit-keys.ts";
import type { CheckpointArchive } from "./checkpoint-archive.ts";
import type { Retained } from "./eraser.ts";
import type { Counted } from "./retention-preview.ts";
import { sha256 } from "./sealer.ts";

interface Parts {
  readonly chain: AuditChain;
  readonly keys: Pick<AuditKeys, "signAnchor" | "verify">;
  readonly archive: Pick<CheckpointArchive, "find" | "keepAnchor">;
  readonly log: Pick<Logger, "error">;
  readonly now: () => number;
}

/** Entries that go in one look, as far as checkpoints let them. */
const slice = 5_000;
const page = 1_000;

/**
 * The oldest entries of an organisation's audit go: a whole beginning of the chain, up to a checkpoint that is old enough, signed, and kept outside
 * the database. Nothing goes that is not what was sealed: what somebody did to it would go with it. Where the chain begins from then on
 * is signed. While any legal hold of the organisation stands nothing goes, for who looked at what may be what is asked about.
 */
export function retainedAudit(parts: Parts): Retained {
  const { chain, keys, now, log } = parts;
  return {
    kind: "audit",
    removeBefore: async (org, time, held) => {
      await keepAnchors(parts);
      if (held.size > 0) return 0;
      const begins = (await chain.anchors(org)).at(-1) ?? null;
      const until = await furthest(chain, org, begins?.n ?? 0, time);
      if (!until) return 0;
      if (!(await isWhole(parts, begins, until))) {
        log.error(
          { n: until.n },
          "the beginning of the audit is not as it was sealed, and stays: run hugmedo audit verify",
        );
        return 0;
      }
      const { n, hash } = until;
      const count = await chain.forget(await keys.signAnchor({ org, n, hash, at: now(), before: time }));
      await keepAnchors(parts);
      return count;
    },
  };
}

/** For who only wants to know how many. */
export function countedAudit(db: Db): Counted {
  return {
    kind: "audit",
    countBefore: async (org, time, held) => {
      if (held.size > 0) return 0;
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from audit_seal s where s.org = ${org} and s.n <= (
          select max(c.n) from audit_checkpoint c
          where c.org = ${org} and c.at < ${time} and c.kept_at is not null
            and c.n < (select max(n) from audit_checkpoint where org = ${org})
        )`.execute(db);
      return rows[0]?.count ?? 0;
    },
  };
}

/** Every entry up to a checkpoint was there when it was signed, so it is older. At least one step, and no more than a slice where that is several. */
async function furthest(
  chain: AuditChain,
  org: string,
  after: number,
  time: number,
): Promise<Checkpoint | null> {
  const steps = await chain.agedCheckpoints(org, { after, time, limit: 200 });
  return steps.findLast(({ n }) => n <= after + slice) ?? steps[0] ?? null;
}

/** Whether everything from where the chain begins up to a checkpoint is what was sealed, and the checkpoint is the one outside. */
async function isWhole(
  { chain, keys, archive, now }: Parts,
  begins: Anchor | null,
  until: Checkpoint,
): Promise<boolean> {
  const { org, n } = until;
  if (begins && !(await keys.verify(begins))) return false;
  const outside = await archive.find(org, n);
  if (!(await keys.verify(until)) || outside?.signature !== until.signature) return false;
  const after = begins ?? { n: 0, hash: genesis };
  const verifier = createChainVerifier({ digest: sha256, after, checkpoints: [until], now: now() });
  for (let last = after.n; last < n; ) {
    const found = await chain.links(org, last, Math.min(page, n - last));
    for (const { seal, entry } of found) verifier.link(seal, entry);
    last = found.at(-1)?.seal.n ?? n;
  }
  const { findings, links } = verifier.finish();
  return findings.length === 0 && links === n - after.n;
}

/** Also what another process left when it died. */
async function keepAnchors({ chain, archive, now }: Parts): Promise<void> {
  for (const anchor of await chain.unkeptAnchors(100)) {
    await archive.keepAnchor(anchor);
    await chain.markAnchorKept(anchor.org, anchor.n, now());
  }
}
