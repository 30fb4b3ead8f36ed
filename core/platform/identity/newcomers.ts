import type { JWTPayload } from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Principal } from "../../domain/principal.ts";
import type { NewcomerRepository } from "../repositories/newcomers.ts";
import { oidcSession } from "./claims.ts";

/**
 * People who sign in elsewhere. They are added to the directory when they first come, and their name and roles follow their
 * tokens. Their sign-ins are listed and ended as ours are, where their tokens tell them apart.
 */
export interface Newcomers {
  /** Throws `unauthenticated` for an organisation that is not here, `session_ended` for who was signed out or disabled. */
  admit(principal: Principal, claims: JWTPayload): Promise<void>;
}

export interface NewcomersOptions {
  readonly repository: NewcomerRepository;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Organisations that are made when somebody of them comes; all others must be there. */
  readonly knownOrgs: readonly string[];
  /** Told of a session that is known to have ended. */
  readonly ended: (session: string) => void;
}

/** What was seen is believed for so long: then a name that has changed is written. */
const believedMs = 60_000;
const remembered = 20_000;
const keptMs = 90 * 24 * 3_600_000;

export function createNewcomers({ repository, now, knownOrgs, ended }: NewcomersOptions): Newcomers {
  const seen = new Map<
    string,
    { readonly what: string; readonly at: number; readonly done: Promise<void> }
  >();

  const takeIn = async (principal: Principal, named: boolean): Promise<void> => {
    const { id, org, name, roles, session, factors = [] } = principal;
    if (knownOrgs.includes(org)) await repository.ensureOrg(org);
    const time = now();
    const about = { id, org, name, roles, session: named ? session : null, factors };
    const stands = await repository.see({ ...about, now: time, expiresAt: time + keptMs });
    if (stands === "no_org") throw new DomainError("unauthenticated");
    if (stands === "ended") ended(session);
    if (stands !== "in") throw new DomainError("session_ended");
  };

  return {
    admit: (principal, claims) => {
      const { id, org, name, roles, session } = principal;
      const what = JSON.stringify([id, org, name, roles]);
      const last = seen.get(session);
      if (last?.what === what && now() - last.at < believedMs) return last.done;
      const done = takeIn(principal, oidcSession(claims) !== null);
      seen.delete(session);
      seen.set(session, { what, at: now(), done });
      if (seen.size > remembered) seen.delete(seen.keys().next().value ?? session);
      done.catch(() => seen.get(session)?.done === done && seen.delete(session));
      return done;
    },
  };
}
