import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { secondFactorPolicy } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const setSecondFactorPolicy = endpoint({
  id: "setSecondFactorPolicy",
  method: "put",
  path: "/v1/organisation/second-factor",
  tag: "auth",
  summary: "Say of whom a second factor is wanted",
  description:
    "By role. Who has none sets one up at the next sign-in, and may do nothing else before. Who signed in without one is out when " +
    "their access token is renewed, ten minutes later at most. It holds for people with a password here.",
  input: { body: secondFactorPolicy },
  reply: secondFactorPolicy,
  errors: ["forbidden"],
  handle: async ({ body: { roles } }, { principal, identity, audit }) => {
    const { org, id: actor } = principal;
    if (!can(principal, "sessions.require", { org })) throw new DomainError("forbidden");
    await audit.record({ org, actor, action: "second-factor.required", detail: { roles } });
    await identity.secondFactorRoles.set(org, [...new Set(roles)]);
    return { roles: [...new Set(roles)] };
  },
});
