import { randomUUID } from "node:crypto";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { createVisit as request, visitCreated } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";

export const createVisit = endpoint({
  id: "createVisit",
  method: "post",
  path: "/v1/visits",
  tag: "visits",
  summary: "Schedule a visit, or open one now",
  description:
    "Without `at` it can begin at once. With `id`, the same request again gives the same visit instead of " +
    "another one.",
  limited: true,
  input: { body: request },
  status: 201,
  reply: visitCreated,
  errors: ["forbidden", "person_not_found", "command_conflict", "busy", "unavailable"],
  handle: async ({ body }, { principal, rooms, setHeader }) => {
    if (!can(principal, "visit.create", { org: principal.org })) throw new DomainError("forbidden");
    const payload = { ...body, id: body.id ?? randomUUID() };
    const room = { kind: "consultation", subject: body.patient, payload } as const;
    const { id, seq, at } = await rooms.create(principal, room);
    setHeader("location", `/v1/visits/${id}`);
    return { id, seq, at };
  },
});
