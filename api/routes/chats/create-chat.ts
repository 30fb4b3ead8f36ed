import { randomUUID } from "node:crypto";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { chatCreated, createChat as request } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";

export const createChat = endpoint({
  id: "createChat",
  method: "post",
  path: "/v1/chats",
  tag: "chats",
  summary: "Make a chat",
  description:
    "Whoever makes it is its administrator. With `id`, the same request again gives the same chat instead " +
    "of another one.",
  limited: true,
  input: { body: request },
  status: 201,
  reply: chatCreated,
  errors: ["forbidden", "person_not_found", "member_limit", "command_conflict", "busy", "unavailable"],
  handle: async ({ body }, { principal, rooms, setHeader }) => {
    if (!can(principal, "chat.create", { org: principal.org })) throw new DomainError("forbidden");
    const { id = randomUUID(), title, subject } = body;
    const others = body.members.filter(({ person }) => person !== principal.id);
    if (new Set(others.map(({ person }) => person)).size < others.length) {
      throw new DomainError("invalid_payload", "body.members: the same person twice");
    }
    const members = [{ person: principal.id, role: "admin" as const }, ...others];
    const subjectOrNone = subject === undefined ? {} : { subject };
    const payload = { id, title, members, ...subjectOrNone };
    const made = await rooms.create(principal, { kind: "chat", subject, payload });
    setHeader("location", `/v1/chats/${made.id}`);
    return { id: made.id, seq: made.seq, at: made.at };
  },
});
