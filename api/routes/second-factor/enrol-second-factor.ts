import { DomainError } from "../../../core/domain/errors.ts";
import { enrolSecondFactor as request, secondFactorEnrolment } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";
import { originOf } from "../auth/origin.ts";

export const enrolSecondFactor = endpoint({
  id: "enrolSecondFactor",
  method: "post",
  path: "/v1/me/second-factor",
  tag: "auth",
  summary: "Set up a second factor",
  description:
    "Gives the secret for an authenticator app (RFC 6238), once. It counts from when its first code was shown. The password is " +
    "asked for once more, so that whoever finds an open page cannot lock its owner out.",
  input: { body: request },
  status: 201,
  reply: secondFactorEnrolment,
  errors: ["credentials_rejected", "rate_limited", "already_exists", "forbidden"],
  handle: async ({ body: { password } }, { principal, identity, incoming }) => {
    const person = await identity.people.byId(principal.id);
    if (!person || person.username === null) {
      throw new DomainError("forbidden", "Set up the second factor where you sign in.");
    }
    await identity.confirmPassword(person, password, originOf(incoming));
    return identity.secondFactors.begin(person.id, person.username);
  },
});
