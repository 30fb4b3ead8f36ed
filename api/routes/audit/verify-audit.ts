import { auditVerdict, verifyQuery } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { auditFor } from "./auditor.ts";

export const verifyAudit = endpoint({
  id: "verifyAudit",
  method: "get",
  path: "/v1/audit/verify",
  tag: "audit",
  summary: "Whether the audit is as it was written",
  description:
    "For auditors and administrators. Reads the whole chain, or from a place on, and every checkpoint in the database and outside it. " +
    "`findings` says what is wrong and where: docs/audit.md explains each kind. `waiting` entries are not sealed yet, as they may be.",
  limited: true,
  input: { query: verifyQuery },
  reply: auditVerdict,
  errors: ["forbidden"],
  reads: { action: "audit.verify", purpose: "audit", itself: true },
  handle: async ({ query: { from } }, context) => {
    const audit = await auditFor("audit.verify", context, { from });
    const { links, last, waiting, checkpoints, kept, findings, anchor } = await audit.verify(
      context.principal.org,
      from,
    );
    const ok = findings.length === 0;
    const begins = anchor && { n: anchor.n, hash: anchor.hash, at: anchor.at, before: anchor.before };
    const found = findings.map((one) => ({ ...one }));
    return { ok, links, last, waiting, checkpoints, kept, anchor: begins, findings: found };
  },
});
