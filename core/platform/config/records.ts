import { resolve } from "node:path";
import { z } from "zod";
import { dayMs } from "./values.ts";

export const recordsSettings = z.object({
  AUDIT_SEAL_SECONDS: z.coerce.number().min(0.1).max(60).default(2),
  AUDIT_CHECKPOINT_ENTRIES: z.coerce.number().int().min(1).max(10_000).default(100),
  AUDIT_CHECKPOINT_SECONDS: z.coerce.number().min(1).max(86_400).default(60),
  AUDIT_CHECKPOINT_FILE: z.string().min(1).optional(),
  ERASURE_DAYS: z.coerce.number().min(0).max(90).default(7),
});

type RecordsSettings = z.infer<typeof recordsSettings>;

export interface RecordsConfig {
  /** Between two looks of the audit's sealer. */
  readonly sealMs: number;
  /** The audit's next checkpoint follows so many entries, or so long after the last one. */
  readonly checkpointEntries: number;
  readonly checkpointMs: number;
  /** Checkpoints are also added to this file; null: to none. */
  readonly checkpointFile: string | null;
  /** Between a request to erase a person and its execution. */
  readonly erasureMs: number;
}

export function recordsConfig(e: RecordsSettings): RecordsConfig {
  return {
    sealMs: e.AUDIT_SEAL_SECONDS * 1_000,
    checkpointEntries: e.AUDIT_CHECKPOINT_ENTRIES,
    checkpointMs: e.AUDIT_CHECKPOINT_SECONDS * 1_000,
    checkpointFile: e.AUDIT_CHECKPOINT_FILE ? resolve(e.AUDIT_CHECKPOINT_FILE) : null,
    erasureMs: e.ERASURE_DAYS * dayMs,
  };
}
