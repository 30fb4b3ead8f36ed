import { DomainError } from "../../../core/domain/errors.ts";
import { retentionKind, retentionKinds } from "../../../core/domain/records/retention.ts";
import { setRetention as request, retention } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { presentRules } from "./get-retention.ts";
import { recordsToChange } from "./keeper.ts";

export const setRetention = endpoint({
  id: "setRetention",
  method: "put",
  path: "/v1/retention",
  tag: "records",
  summary: "Settle for how long something is kept",
  description:
    "For administrators. Kinds that are not named stay as they are; `days` of null is what counts without a rule: for good, and for recordings the installation's time. What is due goes within minutes, and cannot be had back.",
  limited: true,
  input: { body: request },
  reply: retention,
  errors: ["forbidden"],
  handle: async ({ body: { rules } }, context) => {
    for (const { kind, days } of rules) {
      const known = retentionKind(kind);
      const names = retentionKinds.map((one) => one.kind).join(", ");
      if (!known) throw new DomainError("invalid_payload", `body.rules: the kinds are ${names}`);
      if (days !== null && days < known.leastDays)
        throw new DomainError(
          "invalid_payload",
          `body.rules: ${kind} is kept for ${known.leastDays} days at least`,
        );
    }
    const detail = Object.fromEntries(rules.map(({ kind, days }) => [kind, days]));
    const records = await recordsToChange("retention.change", context, { detail });
    const { org, id } = context.principal;
    await records.retention.set(org, rules, id);
    return presentRules(await records.retention.list(org));
  },
});
