import { hash } from "node:crypto";
import { type Checkpoint, chain, genesis, type Seal, segmentDigest } from "../../domain/audit/chain.ts";
import type { Logger } from "../logger.ts";
import type { AuditChain, ChainHead, ChainStanding } from "./audit-chain.ts";
import type { AuditKeys } from "./audit-keys.ts";
import type { CheckpointArchive } from "./checkpoint-archive.ts";

export interface SealerOptions {
  readonly chain: AuditChain;
  readonly keys: AuditKeys;
  readonly archive: CheckpointArchive;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Between two looks for new entries. */
  readonly everyMs: number;
  /** A checkpoint follows so many entries at the latest, or so long after the first of them. */
  readonly checkpointEntries: number;
  readonly checkpointMs: number;
}

/**
 * Chains the audit's entries. Every process has one, and any number may be at work: only one of them moves a chain's head on from
 * where it stood. Each step is one statement, and whatever was not done is found again, so it may die anywhere.
 */
export interface Sealer {
  start(): void;
  /** One look. Throws where the database or the archive cannot be reached; what was done stays. */
  round(): Promise<void>;
  /** How long the oldest entry has waited to be sealed (s), as of the last look. */
  unsealedSeconds(): number;
  stop(): Promise<void>;
}

const batch = 500;
/** Read in pages when a checkpoint is made. */
const page = 1_000;

export const sha256 = (text: string): string => hash("sha256", text);

export function createSealer(options: SealerOptions): Sealer {
  const { chain: rows, keys, archive, log, now, everyMs, checkpointEntries, checkpointMs } = options;
  let oldest: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  /** As far as the entries go; null: another sealer is at it. */
  const advance = async (org: string, from: ChainHead | null): Promise<ChainHead | null> => {
    for (let head = from; ; ) {
      const entries = await rows.unsealed(org, head, batch);
      const lastEntry = entries.at(-1);
      if (!lastEntry) return head;
      const links = chain(sha256, head ?? { n: 0, hash: genesis }, entries);
      const lastLink = links.at(-1);
      if (!lastLink) return head;
      const next = { n: lastLink.n, hash: lastLink.hash, tx: lastEntry.tx, entry: lastEntry.id };
      if (!(await rows.seal(org, head, links, next))) return null;
      head = next;
    }
  };

  const isDue = ({ n }: ChainHead, last: ChainStanding["checkpoint"]): boolean =>
    n > (last?.n ?? 0) &&
    // A clock that was set back does not keep it from being signed.
    (n - (last?.n ?? 0) >= checkpointEntries || last === null || Math.abs(now() - last.at) >= checkpointMs);

  const linksBetween = async (org: string, after: number, until: number): Promise<Seal[]> => {
    const links: Seal[] = [];
    for (let from = after; from < until; ) {
      const found = await rows.links(org, from, Math.min(page, until - from));
      if (found.length === 0) break;
      links.push(...found.map(({ seal }) => seal));
      from = links.at(-1)?.n ?? until;
    }
    return links;
  };

  const checkpoint = async (org: string, head: ChainHead, last: ChainStanding["checkpoint"]) => {
    const previous = last?.n ?? 0;
    const links = await linksBetween(org, previous, head.n);
    const segment = segmentDigest(sha256, links);
    const signed = await keys.sign({ org, n: head.n, hash: head.hash, at: now(), previous, segment });
    await rows.addCheckpoint(signed);
  };

  const keepOutside = async (): Promise<void> => {
    for (const one of await rows.unkept(100)) {
      const links = await linksBetween(one.org, one.previous, one.n);
      if (!fits(one, links) || !(await keys.verify(one))) {
        log.error({ n: one.n }, "the audit's chain is not the one that was signed: run hugmedo audit verify");
        continue;
      }
      await archive.keep({ ...one, links });
      await rows.markKept(one.org, one.n, now());
    }
  };

  const round = async (): Promise<void> => {
    // Until it is known that nothing waits, something may.
    oldest ??= now();
    const standing = await rows.standing();
    oldest = oldestOf(standing);
    for (const { org, head, oldest: waiting, checkpoint: last } of standing) {
      const moved = waiting === null ? head : await advance(org, head);
      if (moved && isDue(moved, last)) await checkpoint(org, moved, last);
    }
    await keepOutside();
    oldest = null;
  };

  const next = (): void => {
    if (stopped) return;
    // Processes that started together do not look together.
    timer = setTimeout(
      () => {
        running = round()
          .catch((error: unknown) => log.warn({ err: error }, "the audit was not sealed; it is tried again"))
          .finally(next);
      },
      everyMs * (0.75 + Math.random() / 2),
    );
    timer.unref();
  };

  return {
    start: next,
    round,
    unsealedSeconds: () => (oldest === null ? 0 : Math.max(0, (now() - oldest) / 1_000)),
    stop: async () => {
      stopped = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}

function oldestOf(standing: readonly ChainStanding[]): number | null {
  return standing.reduce<number | null>(
    (least, { oldest }) => (oldest === null ? least : Math.min(least ?? oldest, oldest)),
    null,
  );
}

function fits({ n, hash, segment }: Checkpoint, links: readonly Seal[]): boolean {
  const last = links.at(-1);
  return last?.n === n && last.hash === hash && segmentDigest(sha256, links) === segment;
}
