import type { Db } from "../database/database.ts";
import type { Place } from "../identity/origin.ts";

/** Passwords that were right and wait for the second factor. Known by the hashes of what their owners hold. */
export interface SignInChallenges {
  open(challenge: NewChallenge): Promise<void>;
  /** Whose it is; null: there is no such one, or its time is up. */
  find(hash: Uint8Array, now: number): Promise<OpenChallenge | null>;
  /** Likewise, and one of `tries` is taken; null also when there are none left. */
  try(hash: Uint8Array, now: number, tries: number): Promise<OpenChallenge | null>;
  /** It was answered. False: it was before. */
  close(hash: Uint8Array): Promise<boolean>;
  /** The password that they stand for is not good any more. */
  closeOf(person: string): Promise<void>;
  purge(now: number): Promise<void>;
}

export interface OpenChallenge extends Place {
  readonly person: string;
}

export interface NewChallenge extends OpenChallenge {
  readonly hash: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export function createSignInChallenges(db: Db): SignInChallenges {
  return {
    open: async ({ expiresAt, ...challenge }) => {
      await db
        .insertInto("sign_in_challenge")
        .values({ ...challenge, expires_at: expiresAt })
        .execute();
    },
    find: async (hash, now) => {
      const row = await db
        .selectFrom("sign_in_challenge")
        .select(["person", "agent", "network"])
        .where("hash", "=", hash)
        .where("expires_at", ">", now)
        .executeTakeFirst();
      return row ?? null;
    },
    try: async (hash, now, tries) => {
      const row = await db
        .updateTable("sign_in_challenge")
        .set((column) => ({ tries: column("tries", "+", 1) }))
        .where("hash", "=", hash)
        .where("expires_at", ">", now)
        .where("tries", "<", tries)
        .returning(["person", "agent", "network"])
        .executeTakeFirst();
      return row ?? null;
    },
    close: async (hash) => {
      const { numDeletedRows } = await db
        .deleteFrom("sign_in_challenge")
        .where("hash", "=", hash)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    closeOf: async (person) => {
      await db.deleteFrom("sign_in_challenge").where("person", "=", person).execute();
    },
    purge: async (now) => {
      await db.deleteFrom("sign_in_challenge").where("expires_at", "<=", now).execute();
    },
  };
}
