import type { Generated } from "kysely";
import type { Role } from "../../domain/principal.ts";

/** Milliseconds since the epoch. */
type Millis = number;

export interface OrgTable {
  id: string;
  name: string;
  created_at: Generated<Date>;
}

export interface PersonTable {
  id: string;
  org: string;
  /** As `usernameKey` writes it; null: a guest, who has none. */
  username: string | null;
  name: string;
  roles: Role[];
  /** PHC string; null: signs in elsewhere. */
  password: string | null;
  demo: Generated<boolean>;
  disabled_at: Millis | null;
  created_at: Generated<Date>;
}

/** Guests that are never let in again, also those who have not come yet. */
export interface ClosedGuestTable {
  id: string;
  closed_at: Millis;
}

/** A sign-in and the family of refresh tokens that grew from it. */
export interface SessionTable {
  id: string;
  person: string;
  started_at: Millis;
  refreshed_at: Millis;
  expires_at: Millis;
  /** Whether it ends when it is not refreshed for long. */
  idles: boolean;
  ended_at: Millis | null;
  end_reason: string | null;
}

export interface RefreshTokenTable {
  /** SHA-256 of the token, which is kept nowhere. */
  hash: Uint8Array;
  session: string;
  /** The token that was exchanged for this one. */
  parent: Uint8Array | null;
  used_at: Millis | null;
  /** How often it was presented again soon after its use and answered. */
  repeats: Generated<number>;
}

export interface SigningKeyTable {
  kid: string;
  /** JSON Web Key. */
  public_key: string;
  /** JSON Web Key, wrapped by the key ring. */
  private_key: Uint8Array;
  /** Signs from then on, until a later key does. */
  signs_from: Millis;
}

export interface IdentityTables {
  org: OrgTable;
  person: PersonTable;
  closed_guest: ClosedGuestTable;
  session: SessionTable;
  refresh_token: RefreshTokenTable;
  signing_key: SigningKeyTable;
}
