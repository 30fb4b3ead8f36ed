import { dueBefore } from "../../domain/records/retention.ts";
import type { Db } from "../database/database.ts";
import type { Holds } from "./holds.ts";

/** How much of a kind is due; nothing is removed. */
export interface Counted {
  readonly kind: string;
  /** As `Retained.removeBefore` would remove, all slices together. */
  countBefore(org: string, time: number, held: ReadonlySet<string>): Promise<number>;
}

/** What retention would remove of one kind if it looked now. */
export interface DueRecords {
  readonly org: string;
  readonly kind: string;
  readonly days: number;
  /** What is older than that is due (ms since the epoch). */
  readonly before: number;
  /** Without what is under a legal hold. */
  readonly count: number;
}

interface PreviewParts {
  readonly db: Db;
  readonly counted: readonly Counted[];
  readonly holds: Pick<Holds, "standing">;
  readonly now: () => number;
}

/** Of one organisation, or of all; what is kept for good is left out. */
export async function previewRetention(
  { db, counted, holds, now }: PreviewParts,
  org?: string,
): Promise<DueRecords[]> {
  let settled = db.selectFrom("retention_rule").select(["org", "kind", "days"]).where("days", "is not", null);
  if (org !== undefined) settled = settled.where("org", "=", org);
  const due: DueRecords[] = [];
  for (const rule of await settled.orderBy("org").orderBy("kind").execute()) {
    const before = dueBefore(rule, now());
    const kind = counted.find((one) => one.kind === rule.kind);
    if (before === null || rule.days === null || !kind) continue;
    const count = await kind.countBefore(rule.org, before, await holds.standing(rule.org));
    due.push({ org: rule.org, kind: rule.kind, days: rule.days, before, count });
  }
  return due;
}
