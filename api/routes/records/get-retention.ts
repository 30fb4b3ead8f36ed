import { type RetentionRule, retentionKind } from "../../../core/domain/records/retention.ts";
import { retention } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { recordsFor } from "./keeper.ts";

export const getRetention = endpoint({
  id: "getRetention",
  method: "get",
  path: "/v1/retention",
  tag: "records",
  summary: "For how long my organisation keeps what",
  description:
    "For administrators and auditors. Until something else is settled everything is kept for good.",
  input: {},
  reply: retention,
  errors: ["forbidden"],
  handle: async (_, context) => {
    const records = recordsFor("retention.read", context);
    return presentRules(await records.retention.list(context.principal.org));
  },
});

export function presentRules(rules: readonly RetentionRule[]) {
  const items = rules.flatMap(({ kind, days }) => {
    const known = retentionKind(kind);
    return known ? [{ kind, days, leastDays: known.leastDays, about: known.about }] : [];
  });
  return { items };
}
