import { enrolByChallenge as request, secondFactorEnrolment } from "../../../core/protocol/rest-identity.ts";
import { openEndpoint } from "../../endpoint.ts";

export const enrolByChallenge = openEndpoint({
  id: "enrolByChallenge",
  method: "post",
  path: "/v1/auth/second-factor/enrolment",
  tag: "auth",
  summary: "Sign in: set up the second factor that is missing",
  description:
    "For whoever was refused with `second_factor_enrolment`: it is all that they may do. The app's first code answers the challenge.",
  input: { body: request },
  reply: secondFactorEnrolment,
  errors: ["challenge_expired", "already_exists", "unavailable"],
  handle: ({ body: { challenge } }, { identity }) => identity.challenges.enrol(challenge),
});
