import { z } from "zod";
import { factors } from "../domain/factors.ts";
import { roles } from "../domain/principal.ts";
import { roomIdPattern } from "../domain/room.ts";
import { isScope, scopeNames } from "../domain/scopes.ts";
import { personId } from "./conversation.ts";
import { tokenReply } from "./rest.ts";
import { at, lookup } from "./rest-parts.ts";

/** A sign-in that goes on. */
export const signInSession = z.object({
  id: z.string(),
  startedAt: at,
  /** When its tokens were last renewed. */
  refreshedAt: at,
  /** Whether it is the one that asks. */
  current: z.boolean(),
  /** The program it began in, in a few words. */
  agent: z.string().nullable(),
  /** The network it began in: as much of the address as is kept. */
  network: z.string().nullable(),
  /** What was shown for it (RFC 8176): `pwd`, `otp`; none for a guest. */
  factors: z.array(z.enum(factors)),
});
export const signInSessions = z.object({ items: z.array(signInSession) });
/** How many there were. */
export const endedSessions = z.object({ ended: z.int() });

const sessionId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const sessionParams = z.object({ id: sessionId });
export const personParams = z.object({ id: personId });
export const personSessionParams = personParams.extend({ session: sessionId });

const challenge = z.string().min(1).max(100);
/** Six digits of the app, or a recovery code. */
const code = z.string().min(6).max(40);

/** The second step of a sign-in. `keep` as in the first. */
export const answerChallenge = z.strictObject({
  challenge,
  code,
  keep: z.enum(["json", "cookie"]).default("json"),
});
/** `recovery_codes`: where the code confirmed a new app. They are shown once. */
export const challengeAnswered = tokenReply.extend({ recovery_codes: z.array(z.string()).optional() });
export const enrolByChallenge = z.strictObject({ challenge });

/** The password of whoever is signed in, once more. */
export const enrolSecondFactor = z.strictObject({ password: z.string().min(1).max(1000) });
export const secondFactorCode = z.strictObject({ code });
/** What an authenticator app is given: shown once. */
export const secondFactorEnrolment = z.object({
  /** Base32, to be typed. */
  secret: z.string(),
  /** `otpauth://…`, to be opened on the phone itself. */
  uri: z.string(),
  /** The same as a QR code: an SVG image. */
  qr: z.string(),
});
/** For when the phone is lost: each is good once. Shown once. */
export const recoveryCodes = z.object({ codes: z.array(z.string()) });
export const secondFactor = z.object({
  enabled: z.boolean(),
  since: at.nullable(),
  recoveryCodesLeft: z.int(),
  /** Whether my organisation wants one of me. */
  required: z.boolean(),
});

const requirable = roles.filter((role) => !["guest", "integrator", "system"].includes(role));
/** Of whom an organisation wants a second factor. */
export const secondFactorPolicy = z.strictObject({
  roles: z.array(z.enum(requirable)).max(requirable.length),
});

const scope = z.enum(scopeNames);
const scopeList = z
  .string()
  .max(1_000)
  .transform((list) => list.split(" ").filter((name) => name !== ""))
  .pipe(z.array(z.string().refine(isScope, "a scope, or several with spaces between")));

/** RFC 6749, 4.4: as JSON, or as the form that the RFC has. The credentials may come by HTTP Basic instead. */
export const clientTokenRequest = z.strictObject({
  grant_type: z.literal("client_credentials"),
  client_id: lookup.max(100).optional(),
  client_secret: z.string().max(200).optional(),
  scope: scopeList.optional(),
});
export const clientTokenReply = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  /** Seconds. */
  expires_in: z.int(),
  scope: z.string(),
});

export const createClient = z.strictObject({
  name: lookup.trim().min(1).max(100),
  scopes: z.array(scope).min(1).max(scopeNames.length),
});
export const clientSecret = z.object({
  id: z.string(),
  /** Its last characters. */
  hint: z.string(),
  madeAt: at,
  expiresAt: at.nullable(),
  lastUsedAt: at.nullable(),
});
/** With the secret itself, which is shown this once. */
export const newClientSecret = clientSecret.extend({ secret: z.string() });
export const clientCreated = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  secret: newClientSecret,
});
export const client = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scope),
  madeBy: z.string(),
  madeAt: at,
  revokedAt: at.nullable(),
  secrets: z.array(clientSecret),
});
export const clients = z.object({ items: z.array(client) });
export const createClientSecret = z.strictObject({ expiresAt: at.nullable().default(null) });
export const clientParams = z.object({ id: z.string().regex(roomIdPattern) });
export const clientSecretParams = clientParams.extend({ secret: z.string().regex(roomIdPattern) });

export type SignInSession = z.infer<typeof signInSession>;
export type SecondFactor = z.infer<typeof secondFactor>;
export type SecondFactorEnrolment = z.infer<typeof secondFactorEnrolment>;
