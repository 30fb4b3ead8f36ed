import { randomBytes } from "node:crypto";
import type { Role } from "../../domain/principal.ts";
import type { Tenants } from "../database/tenants.ts";
import {
  type Administration,
  createAdministration,
  type ManagedPerson,
} from "../repositories/administration.ts";
import type { SignInChallenges } from "../repositories/sign-in-challenges.ts";
import type { Passwords } from "./passwords.ts";
import type { Sessions } from "./sessions.ts";

export interface AddedPerson {
  /** Of `newPersonId`. */
  readonly id: string;
  readonly org: string;
  readonly username: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Left out: they sign in elsewhere. */
  readonly password?: string | undefined;
}

export function newPersonId(): string {
  return `p-${randomBytes(12).toString("hex")}`;
}

/** What administrators do with people, and what follows from it for their sign-ins. */
export interface Administer extends Omit<Administration, "add" | "change" | "setPassword"> {
  /** Throws `already_exists`, `unavailable`. */
  add(person: AddedPerson): Promise<ManagedPerson>;
  /**
   * As `Administration.change` says. Whoever is disabled, or has other roles now, is signed out everywhere.
   */
  change(
    org: string,
    id: string,
    allowed: readonly string[] | null,
    change: {
      readonly name?: string | undefined;
      readonly roles?: readonly Role[] | undefined;
      readonly disabled?: boolean | undefined;
    },
  ): Promise<ManagedPerson | null>;
  /**
   * A new password. All their sign-ins end but the one to `keep`, and so do those that wait for a second factor. False: there is no such
   * person, or they sign in elsewhere.
   */
  setPassword(org: string, id: string, password: string, keep: string | null): Promise<boolean>;
}

interface Parts {
  readonly tenants: Tenants;
  readonly passwords: Passwords;
  readonly sessions: Pick<Sessions, "endByPerson" | "revoke">;
  readonly challenges: Pick<SignInChallenges, "closeOf">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createAdminister({ tenants, passwords, sessions, challenges, now }: Parts): Administer {
  const administration = createAdministration(tenants);
  return {
    ...administration,
    add: async ({ password, ...person }) =>
      administration.add({
        ...person,
        demo: false,
        password: password === undefined ? null : await passwords.hash(password),
      }),
    change: async (org, id, allowed, { name, roles, disabled }) => {
      const disabledAt = disabled === undefined ? undefined : disabled ? now() : null;
      const changed = await administration.change(org, id, allowed, { name, roles, disabledAt });
      // Tokens carry roles.
      if (changed && (changed.disabled || roles))
        await sessions.endByPerson(id, changed.disabled ? "disabled" : "revoked");
      return changed;
    },
    setPassword: async (org, id, password, keep) => {
      if (!(await administration.setPassword(org, id, await passwords.hash(password)))) return false;
      await challenges.closeOf(id);
      await sessions.revoke(org, id, { except: keep });
      return true;
    },
  };
}
