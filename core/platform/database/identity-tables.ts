import type { Generated } from "kysely";
import type { Role } from "../../domain/principal.ts";

/** Milliseconds since the epoch. */
type Millis = number;

export interface OrgTable {
  id: string;
  name: string;
  /** Grows with every change. */
  revision: Generated<number>;
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
  /** Grows with every change that an administrator makes. */
  revision: Generated<number>;
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
  /** The program that signed in, in a few words; null: it did not say. */
  agent: string | null;
  /** Where it was, shortened. */
  network: string | null;
  /** What was shown for it. */
  factors: Generated<string[]>;
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

/** A person's authenticator; it counts once it is confirmed. */
export interface SecondFactorTable {
  person: string;
  /** Wrapped by the key ring. */
  secret: Uint8Array;
  made_at: Millis;
  confirmed_at: Millis | null;
  /** The time step of the last code that was taken (RFC 6238). */
  last_step: Generated<number>;
  /** When this person may guess as often as at first again. */
  guesses_full_at: Generated<Millis>;
}

export interface RecoveryCodeTable {
  hash: Uint8Array;
  person: string;
  used_at: Millis | null;
}

/** A password that was right, and waits for the second factor. */
export interface SignInChallengeTable {
  hash: Uint8Array;
  person: string;
  expires_at: Millis;
  tries: Generated<number>;
  agent: string | null;
  network: string | null;
}

export interface ClientTable {
  id: string;
  org: string;
  scopes: string[];
  made_by: string;
  made_at: Millis;
  revoked_at: Millis | null;
}

export interface ClientSecretTable {
  hash: Uint8Array;
  /** What it is called where it is listed. */
  id: string;
  client: string;
  /** Its last characters. */
  hint: string;
  made_at: Millis;
  expires_at: Millis | null;
  last_used_at: Millis | null;
  /** The session of the tokens that were given for it last. */
  session: string | null;
}

export interface IdentityTables {
  org: OrgTable;
  person: PersonTable;
  closed_guest: ClosedGuestTable;
  session: SessionTable;
  refresh_token: RefreshTokenTable;
  signing_key: SigningKeyTable;
  second_factor: SecondFactorTable;
  recovery_code: RecoveryCodeTable;
  sign_in_challenge: SignInChallengeTable;
  client: ClientTable;
  client_secret: ClientSecretTable;
}
