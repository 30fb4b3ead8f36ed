/** Milliseconds, all of them. */
export interface SessionPolicy {
  /** A session ends this long after sign-in, whatever happens. */
  readonly lifetimeMs: number;
  /** A session ends when it is not refreshed for this long. */
  readonly idleMs: number;
  /** A refresh token that was used may be presented again for this long. */
  readonly graceMs: number;
}

export const defaultSessionPolicy: SessionPolicy = {
  lifetimeMs: 30 * 24 * 3_600_000,
  idleMs: 7 * 24 * 3_600_000,
  graceMs: 10_000,
};

/** Why a session ended. `reused`: a refresh token turned up that its owner had no more use for. */
export const endReasons = ["signed_out", "expired", "reused", "disabled", "revoked"] as const;
export type EndReason = (typeof endReasons)[number];

/** What is known of a presented refresh token and its session. Times in ms since the epoch. */
export interface PresentedToken {
  readonly usedAt: number | null;
  readonly repeats: number;
  /** Whether one of the tokens it was exchanged for has been used in turn. */
  readonly successorUsed: boolean;
  readonly session: {
    readonly endedAt: number | null;
    readonly refreshedAt: number;
    readonly expiresAt: number;
    /** Whether it ends when it is not refreshed for long. */
    readonly idles: boolean;
  };
}

export type Rotation =
  | { readonly kind: "rotate" | "repeat" }
  /** `end`: the session is ended too, for that reason. */
  | { readonly kind: "refuse"; readonly end: EndReason | null };

/** Tabs that wake up together present the same token; more than these are not tabs. */
const maxRepeats = 4;

/**
 * What to do with a presented refresh token. Each is good for one exchange. A token that comes again means
 * that two hold it, so its session ends (RFC 9700, 4.14.2), with one exception: when tabs refresh at the
 * same moment, or an answer was lost, the same token comes again within seconds, before any of its
 * successors was used. It then gets a successor of its own; the first of the siblings that is used retires
 * the others, so a thief and the owner can never go on side by side.
 */
export function decideRotation(token: PresentedToken, now: number, policy: SessionPolicy): Rotation {
  const { session, usedAt } = token;
  if (session.endedAt !== null) return { kind: "refuse", end: null };
  const idledOut = session.idles && now >= session.refreshedAt + policy.idleMs;
  if (now >= session.expiresAt || idledOut) {
    return { kind: "refuse", end: "expired" };
  }
  if (usedAt === null) return { kind: "rotate" };
  const benign = now - usedAt <= policy.graceMs && !token.successorUsed && token.repeats < maxRepeats;
  return benign ? { kind: "repeat" } : { kind: "refuse", end: "reused" };
}
