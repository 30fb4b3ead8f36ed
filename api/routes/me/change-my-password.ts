import { DomainError } from "../../../core/domain/errors.ts";
import { changeMyPassword as request } from "../../../core/protocol/rest-people.ts";
import { endpoint } from "../../endpoint.ts";
import { originOf } from "../auth/origin.ts";

export const changeMyPassword = endpoint({
  id: "changeMyPassword",
  method: "post",
  path: "/v1/me/password",
  tag: "auth",
  summary: "Change my password",
  description:
    "With the present one, whose guesses are throttled as at the sign-in. All my other sign-ins end. Demo accounts keep theirs, and who signs in " +
    "elsewhere changes it there.",
  input: { body: request },
  status: 204,
  reply: null,
  errors: ["credentials_rejected", "rate_limited", "forbidden", "unavailable"],
  handle: async ({ body: { password, next } }, { principal, identity, audit, incoming }) => {
    const { org, id, session } = principal;
    const person = await identity.people.byId(id);
    if (!person || person.username === null || person.demo) throw new DomainError("forbidden");
    await identity.confirmPassword(person, password, originOf(incoming));
    await audit.record({ org, actor: id, action: "password.changed", subject: id });
    await identity.administer.setPassword(org, id, next, session);
  },
});
