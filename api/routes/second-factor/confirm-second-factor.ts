import { recoveryCodes, secondFactorCode } from "../../../core/protocol/rest-identity.ts";
import { endpoint } from "../../endpoint.ts";

export const confirmSecondFactor = endpoint({
  id: "confirmSecondFactor",
  method: "post",
  path: "/v1/me/second-factor/confirm",
  tag: "auth",
  summary: "Show the first code of a new second factor",
  description: "From now on a sign-in asks for a code. Gives ten recovery codes, which are shown once.",
  input: { body: secondFactorCode },
  reply: recoveryCodes,
  errors: ["code_rejected", "rate_limited", "not_found", "already_exists"],
  handle: async ({ body: { code } }, { principal, identity, audit }) => {
    const { org, id, session } = principal;
    const codes = await identity.secondFactors.confirm(id, code);
    await identity.sessions.addFactor(session, "otp");
    await audit.record({ org, actor: id, action: "second-factor.set-up", subject: id });
    return { codes: [...codes] };
  },
});
