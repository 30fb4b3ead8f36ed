import { createHash, randomBytes } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Scope } from "../../domain/scopes.ts";
import type { ClientRepository, StoredClient, StoredSecret } from "../repositories/clients.ts";
import type { PeopleRepository, Person } from "../repositories/people.ts";
import type { AccessToken, AccessTokens } from "./access-tokens.ts";
import { type Origin, placeOf } from "./origin.ts";
import type { Sessions } from "./sessions.ts";
import { networkOf, type Throttle } from "./throttle.ts";

/** A secret as it is told, once. */
export interface ToldSecret extends StoredSecret {
  readonly secret: string;
}

export interface ClientCredentials extends Origin {
  readonly id: string;
  readonly secret: string;
  /** Of the client's scopes only these; undefined: all. */
  readonly scopes?: readonly Scope[] | undefined;
}

/** Integrators: programs that come with credentials of their own (RFC 6749, 4.4). */
export interface Clients {
  add(client: {
    readonly org: string;
    readonly by: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
  }): Promise<{ readonly id: string; readonly secret: ToldSecret }>;
  list(org: string): Promise<readonly StoredClient[]>;
  /** A second secret, so that the first can be taken out of use while both are good. Throws `not_found`, `secret_limit`. */
  addSecret(org: string, client: string, expiresAt: number | null): Promise<ToldSecret>;
  /** Ends the client's sessions too: with another secret it goes on at once. Throws `not_found`. */
  removeSecret(org: string, client: string, secret: string): Promise<void>;
  /** For good. Throws `not_found`. */
  revoke(org: string, client: string): Promise<void>;
  /** An access token, without a refresh token. Throws `client_rejected`, `rate_limited`; `scope_rejected` for a scope that it has not. */
  token(credentials: ClientCredentials): Promise<AccessToken & { readonly scopes: readonly Scope[] }>;
}

export interface ClientsOptions {
  readonly repository: ClientRepository;
  readonly people: Pick<PeopleRepository, "add" | "byId" | "setDisabled">;
  readonly sessions: Pick<Sessions, "openFixed" | "isAlive" | "end" | "revoke">;
  readonly tokens: Pick<AccessTokens, "issue">;
  readonly throttle: Throttle;
  readonly mayEnter: (person: Person) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** For rotation: the new one is given out while the old one still serves. */
const secretsAtMost = 2;
/** A client's tokens belong to one session for as long, so that its sign-ins are not one every ten minutes. */
const sessionMs = 24 * 3_600_000;
const newId = (prefix: string) => `${prefix}-${randomBytes(12).toString("hex")}`;

export function createClients(options: ClientsOptions): Clients {
  const { repository, people, sessions, tokens, throttle, mayEnter, now } = options;
  /** When the sessions that were opened here end. Another process, or a restart, opens one of its own. */
  const endsAt = new Map<string, number>();

  const makeSecret = async (org: string, client: string, expiresAt: number | null): Promise<ToldSecret> => {
    const secret = `hms_${randomBytes(32).toString("base64url")}`;
    const told = { id: newId("s"), hint: secret.slice(-4), madeAt: now(), expiresAt };
    const added = await repository.addSecret(org, { ...told, hash: hashOf(secret), client }, secretsAtMost);
    if (!added) throw new DomainError("secret_limit");
    return { ...told, lastUsedAt: null, secret };
  };

  const sessionOf = async (client: string, known: string | null, hash: Uint8Array, from: Origin) => {
    const end = known === null ? 0 : (endsAt.get(known) ?? 0);
    if (known !== null && end - now() > sessionMs / 2 && sessions.isAlive(known))
      return { session: known, end };
    const until = now() + sessionMs;
    const session = await sessions.openFixed(client, until, placeOf(from));
    if (session === null) throw new DomainError("client_rejected");
    // Whoever takes a secret away ends the sessions that there are then: one that opens meanwhile must not outlive it.
    if (!(await repository.keepSession(hash, session))) {
      await sessions.end(session, "revoked");
      throw new DomainError("client_rejected");
    }
    endsAt.set(session, until);
    if (known !== null) endsAt.delete(known);
    return { session, end: until };
  };

  return {
    add: async ({ org, by, name, scopes }) => {
      const id = newId("c");
      const roles = ["integrator"] as const;
      await people.add({ id, org, name, username: null, roles, demo: false, password: null });
      await repository.add({ id, org, scopes, madeBy: by, madeAt: now() });
      return { id, secret: await makeSecret(org, id, null) };
    },
    list: repository.list,
    addSecret: async (org, client, expiresAt) => {
      const found = (await repository.list(org)).find(({ id }) => id === client);
      if (!found || found.revokedAt !== null) throw new DomainError("not_found");
      return makeSecret(org, client, expiresAt);
    },
    removeSecret: async (org, client, secret) => {
      if (!(await repository.removeSecret(org, client, secret))) throw new DomainError("not_found");
      await sessions.revoke(org, client, { except: null });
    },
    revoke: async (org, client) => {
      if (!(await repository.revoke(org, client, now()))) throw new DomainError("not_found");
      await people.setDisabled(client, now());
      await sessions.revoke(org, client, { except: null });
    },
    token: async ({ id, secret, scopes, ...from }) => {
      const guesser = `client ${networkOf(from.address)}`;
      throttle.take(guesser);
      const hash = hashOf(secret);
      const known = await repository.useSecret(id, hash, now());
      const person = known && (await people.byId(known.client));
      if (!known || !person || !mayEnter(person)) throw new DomainError("client_rejected");
      throttle.clear(guesser);
      const granted = scopes ?? known.scopes;
      if (!granted.every((scope) => known.scopes.includes(scope))) throw new DomainError("scope_rejected");
      const { session, end } = await sessionOf(person.id, known.session, hash, from);
      const about = { session, startedAt: now(), endsAt: end, factors: [] };
      // Whatever the directory says of it: a client is nothing else.
      const program: Person = { ...person, roles: ["integrator"] };
      return { ...(await tokens.issue(program, about, granted)), scopes: granted };
    },
  };
}

function hashOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
