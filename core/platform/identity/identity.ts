import type { JSONWebKeySet } from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Logger } from "../logger.ts";
import type { Audit } from "../repositories/audit.ts";
import { createClientRepository } from "../repositories/clients.ts";
import { createNewcomerRepository } from "../repositories/newcomers.ts";
import { createPeopleRepository, type PeopleRepository, type Person } from "../repositories/people.ts";
import { createSecondFactorRoles, type SecondFactorRoles } from "../repositories/second-factor-roles.ts";
import { createSecondFactorRepository } from "../repositories/second-factors.ts";
import { createSessionRepository, type EndedSession } from "../repositories/sessions.ts";
import { createSignInChallenges } from "../repositories/sign-in-challenges.ts";
import { createSigningKeyRepository } from "../repositories/signing-keys.ts";
import { createAccessTokens } from "./access-tokens.ts";
import { type Administer, createAdminister } from "./administer.ts";
import { type Clients, createClients } from "./clients.ts";
import { type DemoAccount, demoAccounts, seedPeople } from "./demo.ts";
import { createFailureNotes } from "./failure-notes.ts";
import { createGuessLimits } from "./guess-limits.ts";
import { createGuessTallies, type SharedTallies } from "./guess-tallies.ts";
import { createGuests, type NewGuest } from "./guests.ts";
import { defaultKeyPolicy, type KeyPolicy } from "./key-schedule.ts";
import { createNewcomers } from "./newcomers.ts";
import type { Origin } from "./origin.ts";
import { createPasswords, type ScryptCost } from "./passwords.ts";
import { defaultSessionPolicy, type SessionPolicy } from "./rotation.ts";
import { createSecondFactors, type SecondFactors } from "./second-factors.ts";
import { createSessions, type Grant, type Sessions } from "./sessions.ts";
import { type Credentials, createSignIn, type SignIn, type SignInOutcome } from "./sign-in.ts";
import { createSigningKeys, type Wrapping } from "./signing-keys.ts";
import { createThrottle } from "./throttle.ts";
import { createTokenVerifier, type TokenVerifier, type TrustedIssuer } from "./verifier.ts";

/** What a sign-in and every refresh give. */
export interface SignedIn {
  readonly accessToken: string;
  readonly accessExpiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshExpiresInSeconds: number;
}

/** Who people are: our own issuer of tokens, and the verification of everyone's. */
export interface Identity {
  readonly people: PeopleRepository;
  readonly sessions: Sessions;
  /** As `SignIn.withPassword` says. */
  signIn(credentials: Credentials): Promise<SignedIn>;
  /** The second step of a sign-in, as `SignIn` says. */
  readonly challenges: Pick<SignIn, "enrol"> & {
    answer(
      challenge: string,
      code: string,
    ): Promise<SignedIn & { readonly recoveryCodes: readonly string[] | null }>;
  };
  readonly administer: Administer;
  readonly confirmPassword: SignIn["confirmPassword"];
  readonly secondFactors: SecondFactors;
  readonly secondFactorRoles: SecondFactorRoles;
  /** Exchanges a refresh token. Throws `session_ended`. */
  refresh(refreshToken: string): Promise<SignedIn>;
  readonly verify: TokenVerifier;
  readonly guests: {
    /**
     * Signs a guest in, who is made at the first time: a person with the role `guest` and no password, who
     * is in no directory. The session ends at `expiresAt` at the latest, however often it is refreshed.
     * Again with the same id, it opens a further session of the same guest, whose name stays as it was.
     * Throws `invitation_expired`; `invitation_invalid` when the guest was closed, or the id is somebody else's.
     */
    open(guest: NewGuest, from?: Origin): Promise<SignedIn>;
    /** Ends the guest's sessions and lets nobody in under this id again, also if no guest has it yet. */
    close(id: string): Promise<void>;
  };
  jwks(): JSONWebKeySet;
  readonly clients: Clients;
  /** Keeps the person from signing in, and ends their sessions. */
  disable(person: string): Promise<void>;
  /** Adds the demo organisation and its people. Throws where demo accounts are refused. */
  seedDemo(): Promise<void>;
  demoAccounts(): Promise<DemoAccount[]>;
  /** Rotates keys, ends what has expired, learns what other processes did. */
  maintain(): Promise<void>;
  /** Does so from time to time by itself, until `close`. */
  start(): void;
  close(): void;
}

export interface IdentityOptions {
  readonly db: Db;
  /** For what is asked on behalf of one organisation. */
  readonly tenants: Tenants;
  readonly keyRing: Wrapping;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly audience: string;
  /** The `iss` of our own tokens: the same on every process. */
  readonly issuer?: string;
  /** Other issuers whose tokens are taken. */
  readonly trusted?: readonly TrustedIssuer[];
  /** Organisations of theirs that are made when somebody comes; all others must be there. */
  readonly trustedOrgs?: readonly string[];
  /** Whether demo accounts may be made and signed in to: never in production. */
  readonly allowDemo: boolean;
  /** How often to look for sessions that other processes ended, in ms; null: there are none. */
  readonly syncEveryMs?: number | null;
  /** Tells other processes which sessions ended here. */
  readonly announce?: ((sessions: readonly EndedSession[]) => void) | undefined;
  /** Guesses of passwords counted over all processes; null: this one counts alone. */
  readonly sharedTallies?: SharedTallies | null;
  /** Told how each try to sign in ended. */
  readonly observe?: (outcome: SignInOutcome) => void;
  /** Where failed tries are recorded, a minute at a time. */
  readonly audit?: Pick<Audit, "record"> | undefined;
  readonly accessLifetimeMs?: number;
  readonly sessionPolicy?: SessionPolicy;
  readonly keyPolicy?: KeyPolicy;
  readonly passwordCost?: ScryptCost;
}

const maintainEveryMs = 60_000;

/** A secret cannot be guessed; this keeps those who try from costing much. */
const clientGuesses = { burst: 60, everyMs: 1_000 };

/** Makes the first signing key, if there is none, and reads what is needed to verify tokens. */
export async function createIdentity(options: IdentityOptions): Promise<Identity> {
  const { db, tenants, keyRing, logger, now, audience, allowDemo, accessLifetimeMs = 600_000 } = options;
  const people = createPeopleRepository(db, tenants);
  const passwords = createPasswords(options.passwordCost ? { cost: options.passwordCost } : {});
  const sessionRepository = createSessionRepository(db, tenants);
  const failures = createFailureNotes(now, options.audit);
  const sessions = createSessions({
    repository: sessionRepository,
    now,
    policy: options.sessionPolicy ?? defaultSessionPolicy,
    logger,
    announce: options.announce,
  });
  const keys = createSigningKeys({
    repository: createSigningKeyRepository(db),
    wrapping: keyRing,
    now,
    policy: options.keyPolicy ?? defaultKeyPolicy,
  });
  const tokens = createAccessTokens({
    keys,
    now,
    issuer: options.issuer ?? "hugmedo",
    audience,
    lifetimeMs: accessLifetimeMs,
  });
  const secondFactors = createSecondFactors({
    repository: createSecondFactorRepository(db, tenants),
    wrapping: keyRing,
    now,
  });
  const secondFactorRoles = createSecondFactorRoles(tenants);
  const guests = createGuests({ people, sessions, now });
  const mayEnter = (person: Person) => !person.disabled && (allowDemo || !person.demo);

  const challenges = createSignInChallenges(db);
  const signIn = createSignIn({
    people,
    passwords,
    limits: createGuessLimits({
      tallies: createGuessTallies(now, options.sharedTallies ?? null),
      knows: sessionRepository.knows,
    }),
    observe: (outcome, person) => {
      options.observe?.(outcome);
      failures.note(outcome, person);
    },
    sessions,
    secondFactors,
    challenges,
    secondFactorRoles: secondFactorRoles.of,
    mayEnter,
    now,
  });
  const newcomers = createNewcomers({
    repository: createNewcomerRepository(db),
    now,
    knownOrgs: options.trustedOrgs ?? [],
    ended: (id) => sessions.heard([{ id, endedAt: now() }]),
  });
  const trusted = (options.trusted ?? []).map((issuer) => ({ ...issuer, admit: newcomers.admit }));
  const clients = createClients({
    repository: createClientRepository(db, tenants),
    people,
    sessions,
    tokens,
    throttle: createThrottle(now, clientGuesses),
    mayEnter,
    now,
  });
  /** Where an organisation wants more than it did, who signed in with less does so anew. */
  const showsEnough = async ({ org, roles }: Person, { factors }: Grant) =>
    factors.includes("otp") || !factors.includes("pwd") || !(await signIn.mustShowSecond(org, roles));

  const signedIn = async (person: Person, grant: Grant): Promise<SignedIn> => {
    const { token, expiresInSeconds } = await tokens.issue(person, grant);
    return {
      accessToken: token,
      accessExpiresInSeconds: expiresInSeconds,
      refreshToken: grant.refreshToken,
      refreshExpiresInSeconds: Math.floor(grant.goodForMs / 1_000),
    };
  };
  const maintain = async () => {
    await keys.maintain();
    await sessions.expire();
    await sessions.endUnproven(accessLifetimeMs);
    await signIn.expire();
    await failures.write();
    await sessions.sync();
  };

  await keys.maintain();
  await sessions.sync();
  const timers = new Set<NodeJS.Timeout>();

  return {
    people,
    sessions,
    verify: createTokenVerifier({
      // Ours last: no other issuer can take its place.
      issuers: [...trusted, tokens.trusted],
      now,
      sessionAlive: sessions.isAlive,
    }),
    jwks: keys.jwks,
    signIn: async (credentials) => {
      const { person, grant } = await signIn.withPassword(credentials);
      return signedIn(person, grant);
    },
    challenges: {
      enrol: signIn.enrol,
      answer: async (challenge, code) => {
        const { person, grant, recoveryCodes } = await signIn.withCode(challenge, code);
        return { ...(await signedIn(person, grant)), recoveryCodes };
      },
    },
    administer: createAdminister({ tenants, passwords, sessions, challenges, now }),
    confirmPassword: signIn.confirmPassword,
    secondFactors,
    secondFactorRoles,
    refresh: async (refreshToken) => {
      const grant = await sessions.refresh(refreshToken);
      const person = await people.byId(grant.person);
      const stays = person && mayEnter(person) && (await showsEnough(person, grant));
      if (person && stays) return signedIn(person, grant);
      await sessions.end(grant.session, "disabled");
      throw new DomainError("session_ended");
    },
    clients,
    guests: {
      open: async (guest, from) => {
        const { person, grant } = await guests.open(guest, from);
        return signedIn(person, grant);
      },
      close: guests.close,
    },
    disable: async (person) => {
      await people.setDisabled(person, now());
      await sessions.endByPerson(person, "disabled");
    },
    seedDemo: async () => {
      if (!allowDemo) throw new Error("Demo accounts are refused with NODE_ENV=production.");
      await seedPeople(people, passwords);
    },
    demoAccounts: async () => (allowDemo ? demoAccounts(people) : []),
    maintain,
    start: () => {
      timers.add(repeat(maintain, maintainEveryMs, logger));
      if (options.syncEveryMs) timers.add(repeat(sessions.sync, options.syncEveryMs, logger));
    },
    close: () => {
      for (const timer of timers) clearInterval(timer);
      timers.clear();
    },
  };
}

function repeat(work: () => Promise<void>, everyMs: number, logger: Logger): NodeJS.Timeout {
  let running = false;
  const run = async () => {
    // A database that is slow is not asked the same again meanwhile.
    if (running) return;
    running = true;
    await work().catch((error: unknown) => logger.warn({ err: error }, "identity upkeep failed"));
    running = false;
  };
  return setInterval(run, everyMs).unref();
}
