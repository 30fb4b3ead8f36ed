/** Milliseconds since the epoch. */
type Millis = number;

/** Rooms that somebody without a part in them may read, for a time. */
export interface BreakGlassTable {
  org: string;
  id: string;
  person: string;
  kind: string;
  room: string;
  /** Encrypted under the room's key. */
  reason: Uint8Array;
  opened_at: Millis;
  expires_at: Millis;
}

export interface PeopleTables {
  break_glass: BreakGlassTable;
}
