import { recoveryCodes, secondFactorCode } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const renewRecoveryCodes = endpoint({
  id: "renewRecoveryCodes",
  method: "post",
  path: "/v1/me/second-factor/recovery-codes",
  tag: "auth",
  summary: "New recovery codes in place of the old",
  input: { body: secondFactorCode },
  reply: recoveryCodes,
  errors: ["code_rejected", "rate_limited", "not_found"],
  handle: async ({ body: { code } }, { principal: { org, id }, identity, audit }) => {
    await identity.secondFactors.use(id, code);
    const codes = await identity.secondFactors.renewRecovery(id);
    await audit.record({ org, actor: id, action: "second-factor.recovery-codes", subject: id });
    return { codes: [...codes] };
  },
});
