import { sql } from "kysely";
import { type Factor, isFactor } from "../../domain/factors.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Place } from "../identity/origin.ts";
import type { EndReason, PresentedToken, Rotation } from "../identity/rotation.ts";
import { secondFactorSetting } from "./second-factor-roles.ts";

/** Times are milliseconds since the epoch. */
export interface NewSession extends Place {
  readonly id: string;
  readonly person: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  /** Whether it ends when it is not refreshed for long. */
  readonly idles: boolean;
  /** What was shown for it. */
  readonly factors: readonly Factor[];
}

/** A session that has not ended, as its owner sees it. */
export interface ListedSession extends Place {
  readonly id: string;
  readonly startedAt: number;
  readonly refreshedAt: number;
  readonly factors: readonly Factor[];
}

/** Which of a person's sessions: one of them, or all but one. */
export type Which = { readonly only: string } | { readonly except: string | null };

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

/** What is not of the rotation is the session's; null: no such token was ever given out. */
export type RotationResult = {
  readonly session: string;
  readonly person: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly idles: boolean;
  readonly factors: readonly Factor[];
  readonly rotation: Rotation;
} | null;

/** Sign-ins and their refresh tokens, which are known by their hashes only. */
export interface SessionRepository {
  /**
   * Returns false, and opens none, for a person who is disabled or a guest who was closed. null: it cannot be carried on.
   */
  open(session: NewSession, token: Uint8Array | null): Promise<boolean>;
  /** Those of a person of this organisation that go on, newest first. */
  list(org: string, person: string): Promise<ListedSession[]>;
  /** Ends sessions of a person of this organisation. */
  endOf(org: string, person: string, which: Which, now: number): Promise<EndedSession[]>;
  /** Whether the owner of this name, if there is one, has signed in from this network, as far back as sessions are kept. */
  knows(username: string, network: string): Promise<boolean>;
  /** Says that more was shown for a session than at its start. */
  addFactor(session: string, factor: Factor): Promise<void>;
  /** Exchanges `token` for `next` if `decide` lets it, one exchange of a session at a time. */
  rotate(exchange: Exchange, decide: (token: PresentedToken) => Rotation): Promise<RotationResult>;
  /** Each of these ends what has not ended yet, and returns that. */
  end(session: string, reason: EndReason, now: number): Promise<EndedSession[]>;
  endByToken(token: Uint8Array, reason: EndReason, now: number): Promise<EndedSession[]>;
  endByPerson(person: string, reason: EndReason, now: number): Promise<EndedSession[]>;
  endExpired(now: number, idleSince: number): Promise<EndedSession[]>;
  /** Those that began with a password alone, of whom their organisation wants a second factor, and were not renewed since. */
  endUnproven(now: number, renewedBefore: number): Promise<EndedSession[]>;
  endedSince(time: number): Promise<EndedSession[]>;
  /** Forgets what ended before `time`, and would have been over by then anyway: another issuer's go on being shown until then. */
  purge(time: number): Promise<void>;
}

/** More than anyone grants. */
const noRepeats = 32_767;

/** More than anybody looks through. */
const listedAtMost = 200;

export function createSessionRepository(db: Db, tenants: Tenants): SessionRepository {
  const ending = (reason: EndReason, now: number, by: Db = db) =>
    by
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
            agent: session.agent,
            network: session.network,
            factors: [...session.factors],
          })
          .execute();
        if (token)
          await tx.insertInto("refresh_token").values({ hash: token, session: session.id }).execute();
        return true;
      }),
    list: async (org, person) => {
      const rows = await tenants(org)
        .selectFrom("session")
        .select(["id", "started_at", "refreshed_at", "factors", "agent", "network"])
        .where("person", "=", person)
        .where("ended_at", "is", null)
        .orderBy("refreshed_at", "desc")
        .orderBy("id")
        .limit(listedAtMost)
        .execute();
      return rows.map(({ started_at, refreshed_at, factors, ...row }) => ({
        ...row,
        startedAt: started_at,
        refreshedAt: refreshed_at,
        factors: factors.filter(isFactor),
      }));
    },
    endOf: (org, person, which, now) => {
      const theirs = ending("revoked", now, tenants(org)).where("person", "=", person);
      if ("only" in which) return theirs.where("id", "=", which.only).execute();
      return (which.except === null ? theirs : theirs.where("id", "!=", which.except)).execute();
    },
    knows: async (username, network) => {
      const known = await db
        .selectFrom("session")
        .innerJoin("person", "person.id", "session.person")
        .select("session.id")
        .where("person.username", "=", username)
        .where("session.network", "=", network)
        .limit(1)
        .executeTakeFirst();
      return known !== undefined;
    },
    addFactor: async (session, factor) => {
      await db
        .updateTable("session")
        .set({ factors: sql<string[]>`array_append(factors, ${factor})` })
        .where("id", "=", session)
        .where(sql<boolean>`not factors @> array[${factor}]`)
        .execute();
    },
    rotate: ({ token, next, now, forgetBefore }, decide) =>
      db.transaction().execute(async (tx) => {
        const found = await lockPresented(tx, token);
        if (!found) return null;
        const { id, person, startedAt, factors, parent, presented } = found;
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
        return { session: id, person, startedAt, expiresAt, idles, factors, rotation };
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
    endUnproven: (now, renewedBefore) =>
      ending("disabled", now)
        .where("refreshed_at", "<=", renewedBefore)
        .where(sql<boolean>`factors @> '{pwd}' and not factors @> '{otp}'`)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom("person")
              .innerJoin("org_setting", "org_setting.org", "person.org")
              .select("person.id")
              .whereRef("person.id", "=", "session.person")
              // Who signs in elsewhere has the second factor there.
              .where("person.password", "is not", null)
              .where("org_setting.name", "=", secondFactorSetting)
              .where(sql<boolean>`org_setting.value ?| person.roles`),
          ),
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
      await db.deleteFrom("session").where("ended_at", "<", time).where("expires_at", "<", time).execute();
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
  return {
    id: session.id,
    person: session.person,
    startedAt: session.started_at,
    factors: session.factors.filter(isFactor),
    parent: row.parent,
    presented,
  };
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
