import { createHash, randomBytes, randomUUID } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Logger } from "../logger.ts";
import type { EndedSession, SessionRepository } from "../repositories/sessions.ts";
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
}

/** Sign-ins: they begin with a password or an invitation and are carried on by refresh tokens until they end. */
export interface Sessions {
  /** Throws `credentials_rejected` for a person who is disabled. */
  open(person: string): Promise<Grant>;
  /**
   * Opens a session that ends at `time` (ms since the epoch) at the latest, and by no idling before that.
   * null: the person is disabled.
   */
  openUntil(person: string, time: number): Promise<Grant | null>;
  /** Exchanges a refresh token. Throws `session_ended`. */
  refresh(token: string): Promise<Grant>;
  end(session: string, reason: EndReason): Promise<void>;
  /** Ends the session of a refresh token, used or not; unknown tokens are passed over. */
  endByToken(token: string): Promise<void>;
  endByPerson(person: string, reason: EndReason): Promise<void>;
  /** False once a session is known to have ended. Answered from memory, for every token that is verified. */
  isAlive(session: string): boolean;
  /** Tells of every session that ends, here or on another process. Returns how to stop it. */
  onEnded(listener: (session: string) => void): () => void;
  /** Learns what other processes ended. */
  sync(): Promise<void>;
  /** Ends what has expired and forgets what ended long ago. */
  expire(): Promise<void>;
}

export interface SessionsOptions {
  readonly repository: SessionRepository;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly policy: SessionPolicy;
  readonly logger: Logger;
}

/** Access tokens have long expired by then, and so has every seat that was kept for a reconnection. */
const rememberMs = 3_600_000;
/** Other processes' clocks may be behind ours, and their commits late. */
const overlapMs = 60_000;
const keepEndedMs = 30 * 24 * 3_600_000;
const prefix = "hmr_";

export function createSessions({ repository, now, policy, logger }: SessionsOptions): Sessions {
  const ended = new Map<string, number>();
  const listeners = new Set<(session: string) => void>();
  let syncedTo = now() - rememberMs;

  const learn = (sessions: readonly EndedSession[]) => {
    for (const { id, endedAt } of sessions) {
      if (ended.has(id)) continue;
      ended.set(id, endedAt);
      for (const listener of listeners) tell(listener, id, logger);
    }
  };

  const goodForMs = (idles: boolean, leftMs: number) => (idles ? Math.min(policy.idleMs, leftMs) : leftMs);
  const begin = async (person: string, endsAt: number, idles: boolean): Promise<Grant | null> => {
    const startedAt = now();
    const session = randomUUID();
    const refreshToken = newToken();
    const begun = { id: session, person, startedAt, expiresAt: endsAt, idles };
    if (!(await repository.open(begun, hashOf(refreshToken)))) return null;
    return { session, person, refreshToken, goodForMs: goodForMs(idles, endsAt - startedAt), endsAt };
  };

  return {
    open: async (person) => {
      const grant = await begin(person, now() + policy.lifetimeMs, true);
      if (!grant) throw new DomainError("credentials_rejected");
      return grant;
    },
    openUntil: (person, time) => begin(person, time, false),
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
      const { session, person, expiresAt: endsAt, idles, rotation } = result;
      if (rotation.kind === "refuse") {
        if (rotation.end === "reused")
          logger.warn({ session }, "a used refresh token came again: session ended");
        if (rotation.end) learn(await repository.end(session, rotation.end, time));
        throw new DomainError("session_ended");
      }
      return { session, person, refreshToken, goodForMs: goodForMs(idles, endsAt - time), endsAt };
    },
    end: async (session, reason) => learn(await repository.end(session, reason, now())),
    endByToken: async (token) => learn(await repository.endByToken(hashOf(token), "signed_out", now())),
    endByPerson: async (person, reason) => learn(await repository.endByPerson(person, reason, now())),
    isAlive: (session) => !ended.has(session),
    onEnded: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync: async () => {
      const time = now();
      learn(await repository.endedSince(syncedTo - overlapMs));
      syncedTo = time;
      for (const [id, endedAt] of ended) if (endedAt < time - rememberMs - overlapMs) ended.delete(id);
    },
    expire: async () => {
      const time = now();
      learn(await repository.endExpired(time, time - policy.idleMs));
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
