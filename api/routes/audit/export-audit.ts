import { exportQuery } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { auditFor } from "./auditor.ts";

export const exportAudit = endpoint({
  id: "exportAudit",
  method: "get",
  path: "/v1/audit/export",
  tag: "audit",
  summary: "The audit as lines of JSON",
  description:
    "For auditors and administrators: what was sealed from `from` up to `to` (ms since the epoch), in the chain's order, each entry with its seal, then " +
    "the signed checkpoints and the keys. `hugmedo audit verify --file` checks it without a server.",
  limited: true,
  input: { query: exportQuery },
  reply: null,
  replyBytes: true,
  errors: ["forbidden"],
  reads: { action: "audit.export", purpose: "audit", itself: true },
  handle: async ({ query }, context) => {
    const audit = await auditFor("audit.export", context, query);
    context.setHeader("content-type", "application/jsonl; charset=utf-8");
    context.setHeader("content-disposition", 'attachment; filename="audit.jsonl"');
    context.sendBytes(audit.export(context.principal.org, query));
  },
});
