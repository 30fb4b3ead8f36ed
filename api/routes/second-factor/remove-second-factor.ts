import { secondFactorCode } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const removeSecondFactor = endpoint({
  id: "removeSecondFactor",
  method: "post",
  path: "/v1/me/second-factor/remove",
  tag: "auth",
  summary: "Remove my second factor",
  description: "With one of its codes, or a recovery code. Who has neither asks an administrator.",
  input: { body: secondFactorCode },
  status: 204,
  reply: null,
  errors: ["code_rejected", "rate_limited", "not_found"],
  handle: async ({ body: { code } }, { principal: { org, id }, identity, audit }) => {
    await identity.secondFactors.use(id, code);
    await audit.record({ org, actor: id, action: "second-factor.removed", subject: id });
    await identity.secondFactors.remove(org, id);
  },
});
