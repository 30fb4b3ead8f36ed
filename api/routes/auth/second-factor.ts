import { answerChallenge, challengeAnswered } from "../../../core/protocol/rest-identity.ts";
import { openEndpoint } from "../../endpoint.ts";
import { refuseForeignPages, tokenReplyOf } from "./refresh-cookie.ts";

export const secondFactor = openEndpoint({
  id: "answerChallenge",
  method: "post",
  path: "/v1/auth/second-factor",
  tag: "auth",
  summary: "Sign in: the second step",
  description:
    "Takes the challenge that the first step was refused with, and a code of the authenticator app or a recovery code. Each " +
    "code is good once. A challenge is good for five minutes and five tries.",
  input: { body: answerChallenge },
  reply: challengeAnswered,
  errors: ["challenge_expired", "code_rejected", "csrf_rejected", "rate_limited", "not_found", "unavailable"],
  handle: async ({ body: { challenge, code, keep } }, context) => {
    if (keep === "cookie") refuseForeignPages(context);
    const { recoveryCodes, ...signedIn } = await context.identity.challenges.answer(challenge, code);
    const reply = tokenReplyOf(context, signedIn, keep);
    return recoveryCodes ? { ...reply, recovery_codes: [...recoveryCodes] } : reply;
  },
});
