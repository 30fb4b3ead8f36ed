import { isErrorCode, type Rejection, rejection } from "../../../../../core/domain/errors.ts";
import type { SecondFactorEnrolment, Session, SignIn } from "../../../../sdk/types.ts";

/** The way in, as the SDK offers it. */
export interface Entrance {
  signIn(options: SignIn): Promise<Session>;
  answerChallenge(answer: {
    readonly challenge: string;
    readonly code: string;
  }): Promise<{ readonly session: Session; readonly recoveryCodes: readonly string[] }>;
  enrol(options: { readonly challenge: string }): Promise<SecondFactorEnrolment>;
  /** The session kept by the browser; null: there is none. */
  restore(options: Record<string, never>): Promise<Session | null>;
  acceptInvitation(options: {
    readonly code: string;
    readonly name: string;
  }): Promise<{ readonly session: Session; readonly visit: string }>;
}

export type AccountState =
  | { readonly status: "starting" }
  /** Whether someone is signed in cannot be known: the server does not answer. */
  | { readonly status: "unreachable" }
  | { readonly status: "signedOut"; readonly reason: Rejection | null }
  | { readonly status: "signedIn"; readonly session: Session };

const retryAfterMs = 3000;

/** Who is signed in. */
export class Account {
  readonly #entrance: Entrance;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #state = $state.raw<AccountState>({ status: "starting" });

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
  }

  get state(): AccountState {
    return this.#state;
  }

  get session(): Session | null {
    return this.#state.status === "signedIn" ? this.#state.session : null;
  }

  /** Takes up the session of before; tries until the server answers. */
  async restore(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      const session = await this.#entrance.restore({});
      if (session) this.#enter(session);
      else this.#state = { status: "signedOut", reason: null };
    } catch {
      this.#state = { status: "unreachable" };
      this.#retry = setTimeout(() => void this.restore(), retryAfterMs);
    }
  }

  /** null: signed in; else why not. */
  async signIn(username: string, password: string): Promise<Rejection | null> {
    try {
      this.#enter(await this.#entrance.signIn({ username, password }));
      return null;
    } catch (error) {
      return rejectionOf(error);
    }
  }

  /**
   * The second step of a sign-in. Resolves with why not; else with the recovery codes of a new app, and then the page waits for
   * `enter` until they were written down.
   */
  async answer(
    challenge: string,
    code: string,
  ): Promise<Rejection | { readonly recoveryCodes: readonly string[]; enter(): void }> {
    try {
      const { session, recoveryCodes } = await this.#entrance.answerChallenge({ challenge, code });
      const enter = () => this.#enter(session);
      if (recoveryCodes.length === 0) enter();
      return { recoveryCodes, enter };
    } catch (error) {
      return rejectionOf(error);
    }
  }

  /** What the authenticator app is given, or why not. */
  async enrol(challenge: string): Promise<SecondFactorEnrolment | Rejection> {
    return this.#entrance.enrol({ challenge }).catch(rejectionOf);
  }

  /** Comes as a guest, in place of whoever was signed in. Resolves with the visit's id, or why not. */
  async accept(code: string, name: string): Promise<string | Rejection> {
    try {
      await this.signOut();
      const { session, visit } = await this.#entrance.acceptInvitation({ code, name });
      this.#enter(session);
      return visit;
    } catch (error) {
      return rejectionOf(error);
    }
  }

  /** Leaves this page at once; that the server forgets the session too is the SDK's care. */
  async signOut(): Promise<void> {
    const session = this.session;
    this.#state = { status: "signedOut", reason: null };
    await session?.signOut().catch(() => undefined);
  }

  #enter(session: Session): void {
    this.#state = { status: "signedIn", session };
    session.on("signedOut", (reason) => {
      if (this.session === session) this.#state = { status: "signedOut", reason };
    });
  }
}

/** What was thrown, as a rejection; what has no code of ours is a service that cannot be reached. */
export function rejectionOf(error: unknown): Rejection {
  if (typeof error !== "object" || error === null || !("code" in error) || !isErrorCode(error.code))
    return rejection("unavailable");
  const refused = rejection(
    error.code,
    "message" in error && typeof error.message === "string" ? error.message : undefined,
  );
  const challenge = "challenge" in error && typeof error.challenge === "string" ? error.challenge : null;
  return challenge === null ? refused : { ...refused, challenge };
}
