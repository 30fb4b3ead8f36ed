import { jwks } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";

export const getJwks = openEndpoint({
  id: "getKeys",
  method: "get",
  path: "/.well-known/jwks.json",
  tag: "auth",
  summary: "The public keys of our access tokens",
  description: "A JSON Web Key Set (RFC 7517). A new key is here for a day before it signs.",
  rate: "none",
  input: {},
  reply: jwks,
  errors: [],
  handle: async (_, { identity, setHeader }) => {
    setHeader("cache-control", "public, max-age=300");
    return jwks.parse(identity.jwks());
  },
});
