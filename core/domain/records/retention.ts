/** A kind of record that an organisation keeps for a time of its choice. */
export interface RetentionKind {
  readonly kind: string;
  /** Fewer days than that cannot be settled. */
  readonly leastDays: number;
  /** What the time counts from, and what goes. */
  readonly about: string;
}

/**
 * What can be settled. A patient's record is kept for at least five years, as Japan's Medical Practitioners' Act (article 24) asks for; it is for each
 * organisation to know what the law of its place asks for beyond that. The audit is kept for at least six years, as the HIPAA Security Rule (45 CFR
 * 164.316(b)(2)(i)) asks of documentation, the longest of the usual ones.
 */
export const retentionKinds: readonly RetentionKind[] = [
  {
    kind: "chat",
    leastDays: 30,
    about: "Chats about nobody in particular, from their last event on: their texts go, their members stay.",
  },
  {
    kind: "consultation",
    leastDays: 1_826,
    about:
      "All that is under a patient's key (visits, chats about them, recordings), from the last event of any of it on.",
  },
  {
    kind: "queues",
    leastDays: 1,
    about:
      "What happened in a queue: its past goes as a whole once the beginning of it is so old. Who waits stays, and visits are not touched.",
  },
  { kind: "files", leastDays: 30, about: "Files, from their upload on." },
  {
    kind: "recordings",
    leastDays: 1,
    about: "The files of recordings, from when they were made on. What was recorded when, of whom, stays.",
  },
  {
    kind: "audit",
    leastDays: 2_192,
    about:
      "The audit's oldest entries, up to a signed checkpoint. None goes while any legal hold of the organisation stands.",
  },
];

/** Days that an organisation keeps a kind; null: nothing is settled, for good unless the installation has a time for it. */
export interface RetentionRule {
  readonly kind: string;
  readonly days: number | null;
}

export function retentionKind(kind: string): RetentionKind | undefined {
  return retentionKinds.find((one) => one.kind === kind);
}

const dayMs = 86_400_000;

/** What is older than that is due; null: nothing is. */
export function dueBefore({ days }: RetentionRule, now: number): number | null {
  return days === null ? null : now - days * dayMs;
}
