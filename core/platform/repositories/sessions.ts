import type { Db } from "../database/database.ts";
import type { EndReason, PresentedToken, Rotation } from "../identity/rotation.ts";

/** Times are milliseconds since the epoch. */
export interface NewSession {
  readonly id: string;
  readonly person: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  /** Whether it ends when it is not refreshed for long. */
  readonly idles: boolean;
}

export interface EndedSession {
  readonly id: string;
  readonly endedAt: number;
}

export interface Exchange {
  readonly token: Uint8Array;
  readonly next: Uint8Array;
  readonly now: number;
  /** Tokens of the session that were used before then are forgotten. */
  readonly forgetBefore: number;
}

/** `person`, `expiresAt` and `idles` are the session's; null: no such token was ever given out. */
export type RotationResult = {
  readonly session: string;
  readonly person: string;
  readonly expiresAt: number;
  readonly idles: boolean;
  readonly rotation: Rotation;
} | null;

/** Sign-ins and their refresh tokens, which are known by their hashes only. */
export interface SessionRepository {
  /** Returns false, and opens none, for a person who is disabled or a guest who was closed. */
  open(session: NewSession, token: Uint8Array): Promise<boolean>;
  /** Exchanges `token` for `next` if `decide` lets it, one exchange of a session at a time. */
  rotate(exchange: Exchange, decide: (token: PresentedToken) => Rotation): Promise<RotationResult>;
  /** Each of these ends what has not ended yet, and returns that. */
  end(session: string, reason: EndReason, now: number): Promise<EndedSession[]>;
  endByToken(token: Uint8Array, reason: EndReason, now: number): Promise<EndedSession[]>;
  endByPerson(person: string, reason: EndReason, now: number): Promise<EndedSession[]>;
  endExpired(now: number, idleSince: number): Promise<EndedSession[]>;
  endedSince(time: number): Promise<EndedSession[]>;
  /** Forgets what ended before `time`. */
  purge(time: number): Promise<void>;
}

/** More than anyone grants. */
const noRepeats = 32_767;

export function createSessionRepository(db: Db): SessionRepository {
  const ending = (reason: EndReason, now: number) =>
    db
      .updateTable("session")
      .set({ ended_at: now, end_reason: reason })
      .where("ended_at", "is", null)
      .returning(["id", "ended_at as endedAt"])
      .$narrowType<{ endedAt: number }>();
  const sessionOf = (token: Uint8Array) =>
    db.selectFrom("refresh_token").select("session").where("hash", "=", token);

  return {
    open: (session, token) =>
      db.transaction().execute(async (tx) => {
        if (!(await lockEnabled(tx, session.person))) return false;
        await tx
          .insertInto("session")
          .values({
            id: session.id,
            person: session.person,
            started_at: session.startedAt,
            refreshed_at: session.startedAt,
            expires_at: session.expiresAt,
            idles: session.idles,
          })
          .execute();
        await tx.insertInto("refresh_token").values({ hash: token, session: session.id }).execute();
        return true;
      }),
    rotate: ({ token, next, now, forgetBefore }, decide) =>
      db.transaction().execute(async (tx) => {
        const found = await lockPresented(tx, token);
        if (!found) return null;
        const { id, person, parent, presented } = found;
        const { expiresAt, idles } = presented.session;
        const rotation = decide(presented);
        if (rotation.kind === "rotate") await markUsed(tx, token, parent, now);
        if (rotation.kind === "repeat") await countRepeat(tx, token);
        if (rotation.kind !== "refuse") {
          await tx.insertInto("refresh_token").values({ hash: next, session: id, parent: token }).execute();
          await tx.updateTable("session").set({ refreshed_at: now }).where("id", "=", id).execute();
          await tx
            .deleteFrom("refresh_token")
            .where("session", "=", id)
            .where("used_at", "<", forgetBefore)
            .execute();
        }
        return { session: id, person, expiresAt, idles, rotation };
      }),
    end: (session, reason, now) => ending(reason, now).where("id", "=", session).execute(),
    endByToken: (token, reason, now) => ending(reason, now).where("id", "in", sessionOf(token)).execute(),
    endByPerson: (person, reason, now) => ending(reason, now).where("person", "=", person).execute(),
    endExpired: (now, idleSince) =>
      ending("expired", now)
        .where((row) =>
          row.or([
            row("expires_at", "<=", now),
            row.and([row("idles", "=", true), row("refreshed_at", "<=", idleSince)]),
          ]),
        )
        .execute(),
    endedSince: (time) =>
      db
        .selectFrom("session")
        .select(["id", "ended_at as endedAt"])
        .where("ended_at", ">=", time)
        .$narrowType<{ endedAt: number }>()
        .execute(),
    purge: async (time) => {
      await db.deleteFrom("session").where("ended_at", "<", time).execute();
    },
  };
}

/**
 * Whether the person may have sessions. Until the transaction ends nobody can disable them, so whoever
 * does finds the session that is opened here.
 */
async function lockEnabled(tx: Db, person: string): Promise<boolean> {
  const enabled = await tx
    .selectFrom("person")
    .select("id")
    .where("id", "=", person)
    .where("disabled_at", "is", null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("closed_guest").select("id").where("id", "=", person))),
    )
    .forShare()
    .executeTakeFirst();
  return enabled !== undefined;
}

/** Locks the session first: what is then read of the token cannot change under us. */
async function lockPresented(tx: Db, token: Uint8Array) {
  const session = await tx
    .selectFrom("session")
    .selectAll()
    .where("id", "in", tx.selectFrom("refresh_token").select("session").where("hash", "=", token))
    .forUpdate()
    .executeTakeFirst();
  if (!session) return null;
  const row = await tx
    .selectFrom("refresh_token as token")
    .select((eb) => [
      "token.parent",
      "token.used_at",
      "token.repeats",
      eb
        .exists(
          eb
            .selectFrom("refresh_token as next")
            .select("next.hash")
            .whereRef("next.parent", "=", "token.hash")
            .where("next.used_at", "is not", null),
        )
        .as("successor_used"),
    ])
    .where("hash", "=", token)
    .executeTakeFirstOrThrow();
  const presented: PresentedToken = {
    usedAt: row.used_at,
    repeats: row.repeats,
    successorUsed: Boolean(row.successor_used),
    session: {
      endedAt: session.ended_at,
      refreshedAt: session.refreshed_at,
      expiresAt: session.expires_at,
      idles: session.idles,
    },
  };
  return { id: session.id, person: session.person, parent: row.parent, presented };
}

/** Its siblings go with it, without the grace that a used token has. */
async function markUsed(tx: Db, token: Uint8Array, parent: Uint8Array | null, now: number): Promise<void> {
  await tx.updateTable("refresh_token").set({ used_at: now }).where("hash", "=", token).execute();
  if (!parent) return;
  await tx
    .updateTable("refresh_token")
    .set({ used_at: now, repeats: noRepeats })
    .where("parent", "=", parent)
    .where("used_at", "is", null)
    .execute();
}

async function countRepeat(tx: Db, token: Uint8Array): Promise<void> {
  await tx
    .updateTable("refresh_token")
    .set((eb) => ({ repeats: eb("repeats", "+", 1) }))
    .where("hash", "=", token)
    .execute();
}
