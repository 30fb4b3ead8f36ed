import { secondFactor } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const getSecondFactor = endpoint({
  id: "getSecondFactor",
  method: "get",
  path: "/v1/me/second-factor",
  tag: "auth",
  summary: "My second factor",
  input: {},
  reply: secondFactor,
  errors: [],
  handle: async (_, { principal: { id, org, roles }, identity }) => {
    const [state, wanted] = await Promise.all([
      identity.secondFactors.state(id),
      identity.secondFactorRoles.of(org),
    ]);
    return { ...state, required: roles.some((role) => wanted.includes(role)) };
  },
});
