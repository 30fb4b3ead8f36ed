import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { auditEntries, auditQuery } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";
import { auditFor } from "./auditor.ts";

export const auditPlace = z.strictObject({ at: z.int(), id: z.int() });

export const listAudit = endpoint({
  id: "listAudit",
  method: "get",
  path: "/v1/audit",
  tag: "audit",
  summary: "Who saw and did what, newest first",
  description:
    "For auditors and administrators. Filters add up; `kind` and `room` go together. Reading the audit is itself recorded, before it is answered.",
  limited: true,
  input: { query: auditQuery },
  reply: auditEntries,
  errors: ["forbidden"],
  reads: { action: "audit.read", purpose: "audit", itself: true },
  handle: async ({ query: { after, limit, kind, room, ...filters } }, context) => {
    if ((kind === undefined) !== (room === undefined))
      throw new DomainError("invalid_payload", "query: kind and room go together");
    const asked = { ...filters, kind, room };
    const audit = await auditFor("audit.read", context, asked);
    const found = await audit.list({
      ...filters,
      org: context.principal.org,
      room: kind !== undefined && room !== undefined ? { kind, id: room } : undefined,
      after: decodeCursor(auditPlace, after),
      limit: limit + 1,
    });
    const items = found.slice(0, limit).map((entry) => ({ ...entry, detail: { ...entry.detail } }));
    const last = items.at(-1);
    return { items, next: found.length > limit && last ? encodeCursor({ at: last.at, id: last.id }) : null };
  },
});
