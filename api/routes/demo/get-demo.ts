import { DomainError } from "../../../core/domain/errors.ts";
import { demo } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";

export const getDemo = openEndpoint({
  id: "getDemo",
  method: "get",
  path: "/v1/demo",
  tag: "auth",
  summary: "The demo accounts and their passwords",
  description: "Only where the demo was seeded; elsewhere there is nothing at this address.",
  input: {},
  reply: demo,
  errors: ["not_found"],
  handle: async (_, { identity }) => {
    const accounts = await identity.demoAccounts();
    if (accounts.length === 0) throw new DomainError("not_found");
    return { accounts };
  },
});
