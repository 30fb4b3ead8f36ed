import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { searchBuilds } from "../../../core/protocol/rest-search.ts";
import { endpoint } from "../../endpoint.ts";

export const getSearchRebuild = endpoint({
  id: "getSearchRebuild",
  method: "get",
  path: "/v1/search/rebuild",
  tag: "search",
  summary: "How far the search index is that is being made",
  description: "Which build of the index searches look into, and which one is being made. For operators.",
  input: {},
  reply: searchBuilds,
  errors: ["forbidden"],
  handle: async (_, { principal, search }) => {
    if (!can(principal, "search.rebuild", { org: principal.org })) throw new DomainError("forbidden");
    return { ...(await search.rebuilding()) };
  },
});
