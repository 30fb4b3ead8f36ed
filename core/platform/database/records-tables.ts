import type { ColumnType, Generated } from "kysely";

/** Milliseconds since the epoch. */
type Millis = number;

/** How far an organisation's audit is chained. */
export interface AuditHeadTable {
  org: string;
  n: number;
  hash: string;
  /** Of the last entry. */
  tx: string;
  entry: number;
}

export interface AuditSealTable {
  org: string;
  n: number;
  entry: number;
  hash: string;
}

export interface AuditCheckpointTable {
  org: string;
  n: number;
  hash: string;
  at: Millis;
  previous: number;
  segment: string;
  kid: string;
  signature: string;
  /** When it was kept outside the database; null: it is not yet. */
  kept_at: Millis | null;
}

export interface AuditKeyTable {
  kid: string;
  /** JSON Web Key. */
  public_key: string;
  /** PKCS #8, wrapped by the key ring. */
  private_key: Uint8Array;
  created_at: Millis;
}

export interface RetentionRuleTable {
  org: string;
  kind: string;
  /** null: for good. */
  days: number | null;
  changed_at: Millis;
  changed_by: string;
}

/** On a person or on a room. */
export interface LegalHoldTable {
  id: string;
  org: string;
  person: string | null;
  kind: string | null;
  room: string | null;
  reason: string;
  placed_at: Millis;
  placed_by: string;
  lifted_at: Millis | null;
  lifted_by: string | null;
}

export interface DestroyedKeyTable {
  id: string;
  org: string;
  /** The erasure, or what else wanted it gone. */
  cause: string;
  position: ColumnType<number, never, never>;
  at: Generated<Date>;
}

/** A room that goes on under a new key. */
export interface RekeyedRoomTable {
  kind: string;
  id: string;
  org: string;
  old_key: string;
  position: ColumnType<number, never, never>;
  /** null: what has to be written into it is not yet. */
  finished_at: Millis | null;
}

export interface ErasureTable {
  id: string;
  org: string;
  person: string;
  reason: string;
  requested_at: Millis;
  requested_by: string;
  due_at: Millis;
  cancelled_at: Millis | null;
  cancelled_by: string | null;
  begun_at: Millis | null;
  done_at: Millis | null;
}

export interface ConsentTextTable {
  org: string;
  kind: string;
  language: string;
  version: number;
  body: string;
  created_at: Millis;
  created_by: string;
}

/** Where an organisation's chain begins since what was before went by retention. */
export interface AuditAnchorTable {
  org: string;
  /** The last place that went. */
  n: number;
  hash: string;
  at: Millis;
  before: Millis;
  kid: string;
  signature: string;
  /** When it was kept outside the database; null: it is not yet. */
  kept_at: Millis | null;
}

/** A recording whose files are there. */
export interface RecordingKeptTable {
  org: string;
  visit: string;
  recording: string;
  finished_at: Millis | null;
  /** What its visit was told; null: nothing since it began. */
  kept_until: Millis | null;
  /** Its time is over, and a hold keeps it. */
  due_at: Millis | null;
}

export interface RecordsTables {
  audit_anchor: AuditAnchorTable;
  recording_kept: RecordingKeptTable;
  audit_head: AuditHeadTable;
  audit_seal: AuditSealTable;
  audit_checkpoint: AuditCheckpointTable;
  audit_key: AuditKeyTable;
  retention_rule: RetentionRuleTable;
  legal_hold: LegalHoldTable;
  destroyed_key: DestroyedKeyTable;
  rekeyed_room: RekeyedRoomTable;
  erasure: ErasureTable;
  consent_text: ConsentTextTable;
}
