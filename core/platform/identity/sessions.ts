import { createHash, randomBytes, randomUUID } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Factor } from "../../domain/factors.ts";
import type { Logger } from "../logger.ts";
import type { EndedSession, ListedSession, SessionRepository, Which } from "../repositories/sessions.ts";
import type { Place } from "./origin.ts";
import { decideRotation, type EndReason, type SessionPolicy } from "./rotation.ts";

/** A session's next refresh token. It is a secret of the client; only its hash is kept. */
export interface Grant {
  readonly session: string;
  readonly person: string;
  readonly refreshToken: string;
  /** How long the refresh token is good, in ms, if it is not used. */
  readonly goodForMs: number;
  /** When the session ends, whatever happens, in ms since the epoch. */
  readonly endsAt: number;
  /** When whoever has it signed in, in ms since the epoch. */
  readonly startedAt: number;
  readonly factors: readonly Factor[];
}

/** How a session begins. */
export interface Beginning extends Place {
  /** What was shown for it. */
  readonly factors: readonly Factor[];
}

/** Sign-ins: they begin with a password or an invitation and are carried on by refresh tokens until they end. */
export interface Sessions {
  /** Throws `credentials_rejected` for a person who is disabled. */
  open(person: string, beginning?: Beginning): Promise<Grant>;
  /**
   * Opens a session that ends at `time` (ms since the epoch) at the latest, and by no idling before that.
   * null: the person is disabled.
   */
  openUntil(person: string, time: number, place?: Place): Promise<Grant | null>;
  /** Opens a session that ends at `time` and has no refresh token. null: the person is disabled. */
  openFixed(person: string, time: number, place: Place): Promise<string | null>;
  /** Exchanges a refresh token. Throws `session_ended`. */
  refresh(token: string): Promise<Grant>;
  end(session: string, reason: EndReason): Promise<void>;
  /** Ends the session of a refresh token, used or not; unknown tokens are passed over. */
  endByToken(token: string): Promise<void>;
  endByPerson(person: string, reason: EndReason): Promise<void>;
  /** What a person of this organisation is signed in with, the last used first. */
  list(org: string, person: string): Promise<readonly ListedSession[]>;
  /** Revokes sessions of a person of this organisation; returns how many there were. */
  revoke(org: string, person: string, which: Which): Promise<number>;
  /** More was shown for this session than at its start. */
  addFactor(session: string, factor: Factor): Promise<void>;
  /** False once a session is known to have ended. Answered from memory, for every token that is verified. */
  isAlive(session: string): boolean;
  /** Tells of every session that ends, here or on another process. Returns how to stop it. */
  onEnded(listener: (session: string) => void): () => void;
  /** Another process says that it ended these. */
  heard(sessions: readonly EndedSession[]): void;
  /** Learns what other processes ended. */
  sync(): Promise<void>;
  /** Ends what has expired and forgets what ended long ago. */
  expire(): Promise<void>;
  /**
   * Ends sign-ins with a password alone of whom more is wanted by now, if they were not renewed for so long (ms): a client that only keeps
   * its socket open never asks for new tokens, and would stay.
   */
  endUnproven(afterMs: number): Promise<void>;
}

export interface SessionsOptions {
  readonly repository: SessionRepository;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly policy: SessionPolicy;
  readonly logger: Logger;
  /** Tells the other processes at once what ended here. They find it in the database by themselves, a little later. */
  readonly announce?: ((sessions: readonly EndedSession[]) => void) | undefined;
}

/** Access tokens have long expired by then, and so has every seat that was kept for a reconnection. */
const rememberMs = 3_600_000;
/** Other processes' clocks may be behind ours, and their commits late. */
const overlapMs = 60_000;
/** They rarely are by more than this, so looking back further can be done more rarely. */
const nearMs = 5_000;
const thoroughEveryMs = 10_000;
const keepEndedMs = 30 * 24 * 3_600_000;
const prefix = "hmr_";

/** Nobody says where it came from. */
const nowhere: Place = { agent: null, network: null };
const byPassword: Beginning = { ...nowhere, factors: ["pwd"] };

export function createSessions(options: SessionsOptions): Sessions {
  const { repository, now, policy, logger, announce } = options;
  const ended = new Map<string, number>();
  const listeners = new Set<(session: string) => void>();
  let syncedTo = now() - rememberMs;
  let thoroughAt = Number.NEGATIVE_INFINITY;

  const learn = (sessions: readonly EndedSession[]) => {
    for (const { id, endedAt } of sessions) {
      if (ended.has(id)) continue;
      ended.set(id, endedAt);
      for (const listener of listeners) tell(listener, id, logger);
    }
  };

  /** What ended here: the others are told. */
  const ends = (sessions: readonly EndedSession[]) => {
    learn(sessions);
    if (sessions.length > 0) announce?.(sessions);
  };

  const goodForMs = (idles: boolean, leftMs: number) => (idles ? Math.min(policy.idleMs, leftMs) : leftMs);
  const begin = async (
    person: string,
    endsAt: number,
    { idles, ...beginning }: Beginning & { readonly idles: boolean },
  ): Promise<Grant | null> => {
    const startedAt = now();
    const session = randomUUID();
    const refreshToken = newToken();
    const begun = { id: session, person, startedAt, expiresAt: endsAt, idles, ...beginning };
    if (!(await repository.open(begun, hashOf(refreshToken)))) return null;
    const grant = { session, person, refreshToken, startedAt, endsAt, factors: beginning.factors };
    return { ...grant, goodForMs: goodForMs(idles, endsAt - startedAt) };
  };

  return {
    open: async (person, beginning = byPassword) => {
      const grant = await begin(person, now() + policy.lifetimeMs, { ...beginning, idles: true });
      if (!grant) throw new DomainError("credentials_rejected");
      return grant;
    },
    openUntil: (person, time, place = nowhere) =>
      begin(person, time, { ...place, factors: [], idles: false }),
    openFixed: async (person, time, place) => {
      const id = randomUUID();
      const begun = { id, person, startedAt: now(), expiresAt: time, idles: false, factors: [], ...place };
      return (await repository.open(begun, null)) ? id : null;
    },
    refresh: async (token) => {
      const time = now();
      const refreshToken = newToken();
      const exchange = {
        token: hashOf(token),
        next: hashOf(refreshToken),
        now: time,
        forgetBefore: time - policy.idleMs,
      };
      const result = await repository.rotate(exchange, (presented) =>
        decideRotation(presented, time, policy),
      );
      if (!result) throw new DomainError("session_ended");
      const { session, person, startedAt, expiresAt: endsAt, idles, factors, rotation } = result;
      if (rotation.kind === "refuse") {
        if (rotation.end === "reused")
          logger.warn({ session }, "a used refresh token came again: session ended");
        if (rotation.end) ends(await repository.end(session, rotation.end, time));
        throw new DomainError("session_ended");
      }
      const goodFor = goodForMs(idles, endsAt - time);
      return { session, person, refreshToken, goodForMs: goodFor, startedAt, endsAt, factors };
    },
    end: async (session, reason) => ends(await repository.end(session, reason, now())),
    endByToken: async (token) => ends(await repository.endByToken(hashOf(token), "signed_out", now())),
    endByPerson: async (person, reason) => ends(await repository.endByPerson(person, reason, now())),
    list: repository.list,
    revoke: async (org, person, which) => {
      const ended = await repository.endOf(org, person, which, now());
      ends(ended);
      return ended.length;
    },
    addFactor: repository.addFactor,
    heard: learn,
    isAlive: (session) => !ended.has(session),
    onEnded: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync: async () => {
      const time = now();
      const thorough = time - thoroughAt >= thoroughEveryMs;
      learn(await repository.endedSince(syncedTo - (thorough ? overlapMs : nearMs)));
      syncedTo = time;
      if (!thorough) return;
      thoroughAt = time;
      for (const [id, endedAt] of ended) if (endedAt < time - rememberMs - overlapMs) ended.delete(id);
    },
    endUnproven: async (afterMs) => {
      const time = now();
      ends(await repository.endUnproven(time, time - afterMs));
    },
    expire: async () => {
      const time = now();
      ends(await repository.endExpired(time, time - policy.idleMs));
      await repository.purge(time - keepEndedMs);
    },
  };
}

/** 256 random bits; the prefix lets secret scanners know it. */
function newToken(): string {
  return prefix + randomBytes(32).toString("base64url");
}

/** Enough for a secret of full entropy: there is nothing to guess. */
function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function tell(listener: (session: string) => void, session: string, logger: Logger): void {
  try {
    listener(session);
  } catch (error) {
    logger.error({ err: error }, "a listener failed to end a session");
  }
}
