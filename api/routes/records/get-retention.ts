import { retentionKind } from "../../../core/domain/records/retention.ts";
import type { SettledRule } from "../../../core/platform/records/retention.ts";
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
    "For administrators and auditors. Where nothing is settled (`days` of null), `otherwise` counts: null is for good.",
  input: {},
  reply: retention,
  errors: ["forbidden"],
  handle: async (_, context) => {
    const records = recordsFor("retention.read", context);
    return presentRules(await records.retention.list(context.principal.org));
  },
});

export function presentRules(rules: readonly SettledRule[]) {
  const items = rules.flatMap(({ kind, days, otherwise }) => {
    const known = retentionKind(kind);
    return known ? [{ kind, days, otherwise, leastDays: known.leastDays, about: known.about }] : [];
  });
  return { items };
}
