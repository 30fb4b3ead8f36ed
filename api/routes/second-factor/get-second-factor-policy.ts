import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { secondFactorPolicy } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const getSecondFactorPolicy = endpoint({
  id: "getSecondFactorPolicy",
  method: "get",
  path: "/v1/organisation/second-factor",
  tag: "auth",
  summary: "Of whom my organisation wants a second factor",
  input: {},
  reply: secondFactorPolicy,
  errors: ["forbidden"],
  handle: async (_, { principal, identity }) => {
    const { org } = principal;
    if (!can(principal, "sessions.require", { org })) throw new DomainError("forbidden");
    return secondFactorPolicy.parse({ roles: await identity.secondFactorRoles.of(org) });
  },
});
