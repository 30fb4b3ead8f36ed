import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { TokenReply } from "../../core/protocol/rest.ts";
import * as routes from "./api/routes.ts";
import type { Args, CallOptions, Input, LooseRoute, OperationId, ReplyOf, Route } from "./api/types.ts";
import { fromRejection, HugMeDoError } from "./errors.ts";
import { fromPage, type Http, persistently } from "./http.ts";
import type { Clock } from "./lib/clock.ts";
import { subjectOf } from "./lib/subject.ts";

/** Runs the work while no other tab of this origin runs its own. */
export type Exclusive = <T>(work: () => Promise<T>) => Promise<T>;

export interface AuthParts {
  readonly http: Http;
  readonly clock: Clock;
  readonly exclusive: Exclusive;
  /** Told once, when the session ends other than by `signOut`. */
  readonly ended: (reason: Rejection) => void;
}

interface AccessToken {
  readonly token: string;
  /** From then on it is renewed, and from then on it is refused (ms since the epoch). */
  readonly staleAt: number;
  readonly expiresAt: number;
}

/** The share of its life after which a token is renewed. */
const freshShare = 0.8;

/**
 * The person's tokens. The access token is renewed before it expires and whenever it is refused, once for
 * all who wait. The refresh token is rotated by the server; in a browser it lives in a cookie that scripts
 * cannot read, and `refreshToken` is null.
 */
export class AuthSession {
  private readonly parts: AuthParts;
  private readonly subject: string | null;
  private access: AccessToken;
  private refreshToken: string | null;
  private renewing: Promise<string> | null = null;
  private over: Rejection | null = null;
  private cancelRenewal: () => void = () => undefined;

  constructor(parts: AuthParts, reply: TokenReply) {
    this.parts = parts;
    this.subject = subjectOf(reply.access_token);
    this.refreshToken = reply.refresh_token ?? null;
    this.access = this.keep(reply);
  }

  /** A token that is good for now. Rejects when the session is over, or the server cannot be reached. */
  async token(): Promise<string> {
    if (this.over) throw fromRejection(this.over);
    const { token, staleAt, expiresAt } = this.access;
    if (this.parts.clock.now() < staleAt) return token;
    try {
      return await this.renew(token);
    } catch (error) {
      if (this.over || this.parts.clock.now() >= expiresAt) throw error;
      return token;
    }
  }

  /** A newer token than `stale`, which was refused or is about to be. */
  renew(stale: string): Promise<string> {
    if (this.over) return Promise.reject(fromRejection(this.over));
    if (this.access.token !== stale) return Promise.resolve(this.access.token);
    this.renewing ??= this.refresh().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** A REST call in the person's name. */
  call<Id extends OperationId>(route: Route<Id>, ...args: Args<Id>): Promise<ReplyOf<Id>>;
  async call(route: LooseRoute, input?: Input, options?: CallOptions): Promise<unknown> {
    const { http } = this.parts;
    const token = await this.token();
    try {
      return await http.ask(route, input, options, token);
    } catch (error) {
      if (!isStale(error)) throw error;
      return http.ask(route, input, options, await this.renew(token));
    }
  }

  /** The session is over: nothing works from here on. Only the first reason counts. */
  end(reason: Rejection): void {
    if (this.over) return;
    this.close(reason);
    this.parts.ended(reason);
  }

  /** Revokes the refresh token. The session is over for this device even where the server cannot be told. */
  async signOut(): Promise<void> {
    if (this.over) return;
    this.close(rejection("session_ended"));
    const { exclusive, http } = this.parts;
    await exclusive(() => http.call(routes.signOut, ...this.withRefreshToken()));
  }

  private close(reason: Rejection): void {
    this.over = reason;
    this.cancelRenewal();
  }

  private async refresh(): Promise<string> {
    try {
      const reply = await this.parts.exclusive(() => this.exchange());
      if (this.over) throw fromRejection(this.over);
      // The cookie is shared by every tab: someone else may have signed in meanwhile.
      if (subjectOf(reply.access_token) !== this.subject) throw new HugMeDoError("session_ended");
      this.refreshToken = reply.refresh_token ?? this.refreshToken;
      this.access = this.keep(reply);
      return this.access.token;
    } catch (error) {
      if (isOver(error)) this.end(rejection("session_ended"));
      throw error;
    }
  }

  /** Where the answer is lost, the server takes the same token again for a few seconds: so ask again soon. */
  private exchange(): Promise<TokenReply> {
    const { http, clock } = this.parts;
    return persistently(clock, () => http.call(routes.refresh, ...this.withRefreshToken()));
  }

  private withRefreshToken(): Args<"refresh"> {
    return this.refreshToken === null
      ? [{ body: {} }, fromPage]
      : [{ body: { refresh_token: this.refreshToken } }];
  }

  private keep(reply: TokenReply): AccessToken {
    const { clock } = this.parts;
    const life = reply.expires_in * 1000;
    const token = reply.access_token;
    const renew = () => void this.renew(token).catch(() => undefined);
    this.cancelRenewal();
    // What fails here is tried again by whoever needs a token next.
    this.cancelRenewal = clock.after(life * freshShare, renew, true);
    const now = clock.now();
    return { token, staleAt: now + life * freshShare, expiresAt: now + life };
  }
}

function isStale(error: unknown): boolean {
  return (
    error instanceof HugMeDoError && (error.code === "unauthenticated" || error.code === "session_ended")
  );
}

/** The server refused the refresh token itself; anything else may pass. */
function isOver(error: unknown): boolean {
  return isStale(error) || (error instanceof HugMeDoError && error.code === "credentials_rejected");
}
