import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { searchRebuild } from "../../../core/protocol/rest-search.ts";
import { endpoint } from "../../endpoint.ts";

export const rebuildSearch = endpoint({
  id: "rebuildSearch",
  method: "post",
  path: "/v1/search/rebuild",
  tag: "search",
  summary: "Make the search index anew",
  description:
    "From the journal, beside the index that is in use, under new keys. Searches go on meanwhile; when it has caught up, it takes the other's place. " +
    "Where one is under way, that one goes on. For operators.",
  limited: true,
  input: {},
  reply: searchRebuild,
  status: 202,
  errors: ["forbidden"],
  handle: async (_, { principal, search, audit }) => {
    if (!can(principal, "search.rebuild", { org: principal.org })) throw new DomainError("forbidden");
    const { org, id: actor } = principal;
    await audit.record({ org, actor, action: "search.rebuild" });
    return search.rebuild();
  },
});
