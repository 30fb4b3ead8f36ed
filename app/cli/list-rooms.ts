import type { ClusterRoom } from "../../core/protocol/cluster.ts";
import type { Rest, RoomsQuery } from "./rest.ts";

/** As many as the server gives at once. */
const pageSize = 200;

/** The rooms of a process or a kind, page after page, up to a limit. `more`: there are others beyond it. */
export async function listRooms(
  rest: Pick<Rest, "rooms">,
  query: Pick<RoomsQuery, "process" | "kind">,
  limit = Number.POSITIVE_INFINITY,
): Promise<{ readonly found: readonly ClusterRoom[]; readonly more: boolean }> {
  const found: ClusterRoom[] = [];
  let after: string | null | undefined;
  do {
    const asked = Math.min(pageSize, limit - found.length);
    const { items, next } = await rest.rooms({ ...query, after: after ?? undefined, limit: asked });
    found.push(...items);
    after = next;
  } while (after !== null && found.length < limit);
  return { found, more: after !== null };
}
