import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { type QueueSummary, queueSummary, queues } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const listQueues = endpoint({
  id: "listQueues",
  method: "get",
  path: "/v1/queues",
  tag: "queues",
  summary: "The queues of my organisation",
  description: "Queues that I may not know of are left out.",
  limited: true,
  input: {},
  reply: queues,
  errors: commandErrors,
  handle: async (_, { principal, listings, rooms }) => {
    if (!can(principal, "queue.list", { org: principal.org })) throw new DomainError("forbidden");
    const ask = async (id: string): Promise<QueueSummary[]> => {
      try {
        const info = await rooms.command(principal, { kind: "waiting", id }, "queue.info", {});
        return [queueSummary.parse({ ...info, id })];
      } catch (error) {
        if (isClosedToMe(error)) return [];
        throw error;
      }
    };
    const listed = await listings.queues(principal.org);
    const items = await Promise.all(listed.map(({ id }) => ask(id)));
    return { items: items.flat() };
  },
});

function isClosedToMe(error: unknown): boolean {
  return error instanceof DomainError && (error.code === "forbidden" || error.code === "room_not_found");
}
