import { createHash, randomBytes } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Role } from "../../domain/principal.ts";
import { type PeopleRepository, type Person, usernameKey } from "../repositories/people.ts";
import type { SignInChallenges } from "../repositories/sign-in-challenges.ts";
import type { GuessLimits } from "./guess-limits.ts";
import { type Origin, placeOf } from "./origin.ts";
import type { Passwords } from "./passwords.ts";
import type { Enrolment, SecondFactors } from "./second-factors.ts";
import type { Beginning, Grant, Sessions } from "./sessions.ts";

/** Guesses are throttled by where they come from. */
export interface Credentials extends Origin {
  readonly username: string;
  readonly password: string;
}

/** Somebody who is in. */
export interface Entered {
  readonly person: Person;
  readonly grant: Grant;
}

/** How a try ended. */
export const signInOutcomes = ["entered", "challenged", "rejected", "throttled", "code_rejected"] as const;
export type SignInOutcome = (typeof signInOutcomes)[number];

/** The ways in with a password. */
export interface SignIn {
  /**
   * Throws `credentials_rejected`, `rate_limited`, `unavailable`; `second_factor_required` and `second_factor_enrolment`
   * with a challenge, which goes on below for five minutes.
   */
  withPassword(credentials: Credentials): Promise<Entered>;
  /**
   * Answers a challenge with a code. Where it asked for an enrolment, the code is the first of the new app, and the recovery codes
   * come back. Throws `challenge_expired`, `code_rejected`, `rate_limited`.
   */
  withCode(
    challenge: string,
    code: string,
  ): Promise<Entered & { readonly recoveryCodes: readonly string[] | null }>;
  /** Begins the enrolment that a challenge asked for. Throws `challenge_expired`, `already_exists`. */
  enrol(challenge: string): Promise<Enrolment>;
  /** Whether it is this person's password. Throws `credentials_rejected`, `rate_limited`, `unavailable`. */
  confirmPassword(person: Person, password: string, from: Origin): Promise<void>;
  /** Whether somebody with these roles must show a second factor in this organisation. */
  mustShowSecond(org: string, roles: readonly Role[]): Promise<boolean>;
  /** Forgets what has expired. */
  expire(): Promise<void>;
}

export interface SignInOptions {
  readonly people: PeopleRepository;
  readonly passwords: Passwords;
  readonly limits: GuessLimits;
  /** Told of every try, and of whom it was about where there is such a person. Nobody waits for it. */
  readonly observe: (outcome: SignInOutcome, person: Person | null) => void;
  readonly sessions: Pick<Sessions, "open" | "end">;
  readonly secondFactors: SecondFactors;
  readonly challenges: SignInChallenges;
  /** The roles of which an organisation wants a second factor. */
  readonly secondFactorRoles: (org: string) => Promise<readonly Role[]>;
  readonly mayEnter: (person: Person) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const challengeMs = 5 * 60_000;
/** Of one challenge. Beyond that the password is asked for again, which has its own throttle. */
const tries = 5;

export function createSignIn(options: SignInOptions): SignIn {
  const { people, passwords, limits, observe, sessions, secondFactors, challenges, mayEnter, now } = options;

  /** The same work and the same answer, whether there is such a person or not. */
  const known = async (
    username: string,
    password: string,
    from: Origin,
  ): Promise<{ readonly person: Person; readonly hash: string | null }> => {
    const name = usernameKey(username);
    await limits.guess(name, from).catch((error: unknown) => {
      observe("throttled", null);
      throw error;
    });
    const found = await people.byUsername(username);
    const right = await passwords.verify(found?.password ?? null, password);
    if (!found || !right || !mayEnter(found.person)) {
      observe("rejected", found?.person ?? null);
      throw new DomainError("credentials_rejected");
    }
    await limits.right(name, from);
    if (found.password && passwords.isDated(found.password)) {
      const hash = await passwords.hash(password);
      await people.setPassword(found.person.id, hash);
      return { person: found.person, hash };
    }
    return { person: found.person, hash: found.password };
  };

  const mustShowSecond: SignIn["mustShowSecond"] = async (org, roles) => {
    const wanted = await options.secondFactorRoles(org);
    return roles.some((role) => wanted.includes(role));
  };

  /**
   * Who they are once the session is open: whoever changes their roles, or their password, ends the sessions that there are after that, so a
   * sign-in that was under way meanwhile would bring back what was.
   */
  const enter = async (id: string, beginning: Beginning): Promise<Entered> => {
    const grant = await sessions.open(id, beginning);
    const person = await people.byId(id);
    if (!person || !mayEnter(person)) throw new DomainError("credentials_rejected");
    observe("entered", person);
    return { person, grant };
  };

  const challenge = async (person: Person, from: Origin, enrol: boolean): Promise<never> => {
    const token = `hmc_${randomBytes(32).toString("base64url")}`;
    const open = { hash: hashOf(token), person: person.id, expiresAt: now() + challengeMs, ...placeOf(from) };
    await challenges.open(open);
    observe("challenged", person);
    throw new DomainError(enrol ? "second_factor_enrolment" : "second_factor_required", undefined, {
      challenge: token,
    });
  };

  const ownerOf = async (found: { readonly person: string } | null): Promise<Person> => {
    const person = found && (await people.byId(found.person));
    if (!person || !mayEnter(person)) throw new DomainError("challenge_expired");
    return person;
  };

  return {
    mustShowSecond,
    withPassword: async ({ username, password, ...from }) => {
      const { person, hash } = await known(username, password, from);
      const { enabled } = await secondFactors.state(person.id);
      if (enabled) return challenge(person, from, false);
      if (await mustShowSecond(person.org, person.roles)) return challenge(person, from, true);
      const entered = await enter(person.id, { ...placeOf(from), factors: ["pwd"] });
      const present = (await people.byUsername(username))?.password ?? null;
      if (present === hash || (await passwords.verify(present, password))) return entered;
      await sessions.end(entered.grant.session, "revoked");
      throw new DomainError("credentials_rejected");
    },
    withCode: async (token, code) => {
      const hash = hashOf(token);
      const open = await challenges.try(hash, now(), tries);
      const person = await ownerOf(open);
      const { enabled } = await secondFactors.state(person.id);
      const checked = enabled
        ? secondFactors.use(person.id, code).then(() => null)
        : secondFactors.confirm(person.id, code);
      const recoveryCodes = await checked.catch((error: unknown) => {
        if (error instanceof DomainError) observe("code_rejected", person);
        throw error;
      });
      if (!open) throw new DomainError("challenge_expired");
      const { agent, network } = open;
      const entered = await enter(person.id, { agent, network, factors: ["pwd", "otp"] });
      if (!(await challenges.close(hash))) {
        await sessions.end(entered.grant.session, "revoked");
        throw new DomainError("challenge_expired");
      }
      return { ...entered, recoveryCodes };
    },
    enrol: async (token) => {
      const person = await ownerOf(await challenges.find(hashOf(token), now()));
      return secondFactors.begin(person.id, person.username ?? person.id);
    },
    confirmPassword: async ({ id, username }, password, from) => {
      const { person } = await known(username ?? "", password, from);
      if (person.id !== id) throw new DomainError("credentials_rejected");
    },
    expire: () => challenges.purge(now()),
  };
}

function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
