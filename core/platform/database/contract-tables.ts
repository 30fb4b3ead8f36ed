/** A request that makes something, by the key that its sender gave it, and what became of it. */
export interface IdempotencyKeyTable {
  org: string;
  principal: string;
  operation: string;
  /** SHA-256 of the key. */
  key: Uint8Array;
  /** HMAC of the request, by the key ring's key of this name. */
  fingerprint: Uint8Array;
  ring_key: string;
  /** Who is at work on it, or was. */
  claim: string;
  /** Sealed; null: none yet. */
  reply: Uint8Array | null;
  /** Until then the claim holds; afterwards its process is taken to be dead. */
  claimed_until: Date;
  expires_at: Date;
}

export interface ContractTables {
  idempotency_key: IdempotencyKeyTable;
}
