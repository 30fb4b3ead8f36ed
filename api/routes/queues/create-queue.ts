import { randomUUID } from "node:crypto";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { queueCreated, createQueue as request } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";

export const createQueue = endpoint({
  id: "createQueue",
  method: "post",
  path: "/v1/queues",
  tag: "queues",
  summary: "Make a queue",
  description:
    "`staff` are those who run it, besides the administrators. With `id`, the same request again gives the " +
    "same queue instead of another one.",
  limited: true,
  input: { body: request },
  status: 201,
  reply: queueCreated,
  errors: ["forbidden", "person_not_found", "hours_invalid", "command_conflict", "busy", "unavailable"],
  handle: async ({ body }, { principal, rooms, setHeader }) => {
    if (!can(principal, "queue.create", { org: principal.org })) throw new DomainError("forbidden");
    const payload = { ...body, id: body.id ?? randomUUID() };
    const { id, seq, at } = await rooms.create(principal, { kind: "waiting", payload });
    setHeader("location", `/v1/queues/${id}`);
    return { id, seq, at };
  },
});
