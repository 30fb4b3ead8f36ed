import { me } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";

export const getMe = endpoint({
  id: "getMe",
  method: "get",
  path: "/v1/me",
  tag: "people",
  summary: "Who I am",
  input: {},
  reply: me,
  errors: [],
  handle: async (_, { principal, identity: { people } }) => {
    const [person, org] = await Promise.all([
      people.find(principal.org, principal.id),
      people.orgName(principal.org),
    ]);
    return {
      id: principal.id,
      // People of another issuer need not be in our directory.
      username: person?.username ?? principal.id,
      name: principal.name,
      org: { id: principal.org, name: org ?? principal.org },
      roles: [...principal.roles],
      demo: person?.demo ?? false,
    };
  },
});
