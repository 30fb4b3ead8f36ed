import { z } from "zod";
import { factors } from "../domain/factors.ts";
import { roles } from "../domain/principal.ts";
import { personId } from "./conversation.ts";
import { tokenReply } from "./rest.ts";
import { at } from "./rest-parts.ts";

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

export type SignInSession = z.infer<typeof signInSession>;
export type SecondFactor = z.infer<typeof secondFactor>;
export type SecondFactorEnrolment = z.infer<typeof secondFactorEnrolment>;
