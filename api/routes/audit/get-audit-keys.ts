import { auditKeys } from "../../../core/protocol/rest-records.ts";
import { openEndpoint } from "../../endpoint.ts";

export const getAuditKeys = openEndpoint({
  id: "getAuditKeys",
  method: "get",
  path: "/v1/audit/keys",
  tag: "audit",
  summary: "The public keys that the audit's checkpoints are signed with",
  description:
    "A JSON Web Key Set (RFC 7517, Ed25519). Keep a copy where nobody who runs the server can change it.",
  input: {},
  reply: auditKeys,
  errors: ["unavailable"],
  handle: async (_, { records }) => ({ keys: (await records.audit.keys()).map((key) => ({ ...key })) }),
});
