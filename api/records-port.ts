import type { PublicJwk } from "../core/platform/records/audit-keys.ts";
import type { ConsentTexts } from "../core/platform/records/consent-texts.ts";
import type { Erasures } from "../core/platform/records/erasure.ts";
import type { Holds } from "../core/platform/records/holds.ts";
import type { HeldRecording } from "../core/platform/records/kept-recordings.ts";
import type { RetentionRules } from "../core/platform/records/retention.ts";
import type { AuditVerdict } from "../core/platform/records/verify-audit.ts";
import type { AuditEntry, AuditQuery } from "../core/platform/repositories/audit.ts";

/** What is kept, for whoever answers for it. Whether the reader may is checked here, before. */
export interface RecordsPort {
  readonly audit: AuditReader;
  readonly retention: RetentionRules;
  readonly holds: Omit<Holds, "standing">;
  /** What is there only because of a hold. */
  heldRecordings(org: string): Promise<HeldRecording[]>;
  readonly erasures: Erasures;
  readonly consentTexts: ConsentTexts;
}

export interface AuditReader {
  /** Newest first. */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Looks at the whole chain of the organisation, or from a place on. */
  verify(org: string, from: number): Promise<AuditVerdict>;
  /** Lines of JSON (see docs/audit.md), made as they are read. */
  export(org: string, range: { readonly from: number; readonly to: number }): AsyncIterable<Uint8Array>;
  keys(): Promise<readonly PublicJwk[]>;
}
