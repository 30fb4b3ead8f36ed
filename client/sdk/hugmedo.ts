import { Client } from "@colyseus/sdk";
import { rejection } from "../../core/domain/errors.ts";
import type { TokenReply } from "../../core/protocol/rest.ts";
import type { SecondFactorEnrolment } from "../../core/protocol/rest-identity.ts";
import * as routes from "./api/routes.ts";
import type { Args } from "./api/types.ts";
import { AuthSession } from "./auth-session.ts";
import { idbOutboxStore } from "./chat/idb-outbox-store.ts";
import { memoryOutboxStore, type OutboxStore } from "./chat/outbox-store.ts";
import { colyseusRoom } from "./connection/colyseus.ts";
import { deviceHints } from "./connection/network-hints.ts";
import { HugMeDoError } from "./errors.ts";
import { type Fetch, fromPage, Http, persistently } from "./http.ts";
import { systemClock } from "./lib/clock.ts";
import { exclusive } from "./lib/exclusive.ts";
import { newId } from "./lib/ids.ts";
import { pageStorage, type SignOutMark, signOutMark } from "./lib/sign-out-mark.ts";
import { LiveSession } from "./session.ts";
import type { AcceptInvitation, Session, SignIn } from "./types.ts";

/** What an app may bring itself. */
export interface SdkOptions {
  /** Where unsent messages are kept; IndexedDB in a browser, memory elsewhere. */
  readonly outbox?: OutboxStore;
}

/** Where the server is, and how this device keeps its sign-in. */
interface Place {
  readonly http: Http;
  /** The refresh token lives in a cookie of this page's origin. */
  readonly cookie: boolean;
  readonly keep: "cookie" | "json";
  readonly mark: SignOutMark;
}

/**
 * Signs in with a password. Rejects with `credentials_rejected`, `rate_limited` or `unavailable`; with
 * `second_factor_required` or `second_factor_enrolment` and a `challenge`, which goes on below.
 */
async function signIn({ url, username, password }: SignIn, options: SdkOptions = {}): Promise<Session> {
  const place = placeOf(url);
  const { keep } = place;
  const reply = await place.http.call(routes.signIn, { body: { username, password, keep } });
  if (place.cookie) place.mark.write(false);
  return begin(place, reply, options);
}

/** What a challenge is answered with. */
interface Answer {
  readonly url?: string;
  readonly challenge: string;
  /** Of the authenticator app, or a recovery code. */
  readonly code: string;
}

/**
 * The second step of a sign-in. Where the code confirmed a new app, the recovery codes come with it, this once. Rejects with
 * `challenge_expired`, `code_rejected`, `rate_limited` or `unavailable`.
 */
async function answerChallenge(
  { url, challenge, code }: Answer,
  options: SdkOptions = {},
): Promise<{ readonly session: Session; readonly recoveryCodes: readonly string[] }> {
  const place = placeOf(url);
  const { keep } = place;
  const reply = await place.http.call(routes.answerChallenge, { body: { challenge, code, keep } });
  if (place.cookie) place.mark.write(false);
  return { session: await begin(place, reply, options), recoveryCodes: reply.recovery_codes ?? [] };
}

/** Begins the enrolment that a challenge asked for. Its first code answers the challenge. Rejects with `challenge_expired`. */
function enrol({ url, challenge }: Omit<Answer, "code">): Promise<SecondFactorEnrolment> {
  return placeOf(url).http.call(routes.enrolByChallenge, { body: { challenge } });
}

/**
 * Lets a guest into the visit that they were invited to, under the name they give. Rejects with
 * `invitation_invalid`, `invitation_expired`, `invitation_used`, `visit_ended` or `unavailable`.
 */
async function acceptInvitation(
  { url, code, name }: AcceptInvitation,
  options: SdkOptions = {},
): Promise<{ readonly session: Session; readonly visit: string }> {
  const place = placeOf(url);
  const body = { id: newId(), name, keep: place.keep };
  // A code is good for once, so an answer that is lost must not lock the guest out: the same id gets it again.
  const reply = await persistently(systemClock, () =>
    place.http.call(routes.acceptInvitation, { params: { code }, body }),
  );
  if (place.cookie) place.mark.write(false);
  return { session: await begin(place, reply, options), visit: reply.visit };
}

/**
 * Takes up the sign-in that the browser's cookie keeps; null when there is none. Rejects with `unavailable`
 * when the server does not answer.
 */
async function restore(
  { url }: { readonly url?: string } = {},
  options: SdkOptions = {},
): Promise<Session | null> {
  const place = placeOf(url);
  if (!place.cookie) return null;
  if (place.mark.set) {
    await locked(place, () => place.http.call(routes.signOut, ...withCookie));
    place.mark.write(false);
    return null;
  }
  try {
    const reply = await locked(place, () => place.http.call(routes.refresh, ...withCookie));
    return await begin(place, reply, options);
  } catch (error) {
    if (error instanceof HugMeDoError && (error.code === "unauthenticated" || error.code === "session_ended"))
      return null;
    throw error;
  }
}

async function begin(place: Place, reply: TokenReply, { outbox }: SdkOptions): Promise<Session> {
  const { http, cookie, mark } = place;
  const clock = systemClock;
  let session: LiveSession | null = null;
  const auth = new AuthSession(
    { http, clock, exclusive: (work) => locked(place, work), ended: (reason) => session?.end(reason) },
    reply,
  );
  const me = await auth.call(routes.getMe).catch((error: unknown) => {
    auth.end(rejection("session_ended"));
    throw error;
  });
  const client = new Client(http.origin, { fetchFn: fetchWithDeadline });
  session = new LiveSession({
    me,
    origin: http.origin,
    auth,
    clock,
    openChat: (id) => colyseusRoom(client, auth, "chat", id),
    openQueue: (id) => colyseusRoom(client, auth, "waiting", id),
    openVisit: (id) => colyseusRoom(client, auth, "consultation", id),
    store: outbox ?? defaultOutbox(),
    hints: deviceHints,
    signOut: async () => {
      if (cookie) mark.write(true);
      await auth.signOut();
      if (cookie) mark.write(false);
    },
  });
  return session;
}

/** Tabs share the cookie, and a refresh token is good for one use: they take turns. */
function locked<T>({ http, cookie }: Place, work: () => Promise<T>): Promise<T> {
  return cookie ? exclusive(`hugmedo-refresh ${http.origin}`, work) : work();
}

/** The person that the cookie speaks for. */
const withCookie: Args<"refresh"> = [{ body: {} }, fromPage];

function placeOf(url: string | undefined): Place {
  const page = typeof document === "undefined" ? null : globalThis.location.origin;
  const origin = (url ?? page ?? "").replace(/\/+$/, "");
  if (!URL.canParse(origin)) throw new HugMeDoError("invalid_payload", "Give the server's address as `url`.");
  const cookie = new URL(origin).origin === page;
  const fetch: Fetch = (address, init) => globalThis.fetch(address, init);
  return {
    http: new Http(origin, fetch),
    cookie,
    keep: cookie ? "cookie" : "json",
    mark: signOutMark(pageStorage()),
  };
}

function defaultOutbox(): OutboxStore {
  return typeof indexedDB === "undefined" ? memoryOutboxStore() : idbOutboxStore();
}

/** A matchmaker that is frozen must not hold a join for ever. */
const fetchWithDeadline: typeof globalThis.fetch = (input, init) =>
  globalThis.fetch(input, { ...init, signal: AbortSignal.timeout(10_000) });

export const HugMeDo = { signIn, answerChallenge, enrol, acceptInvitation, restore };
