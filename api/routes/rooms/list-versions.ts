import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { messageParams, messageVersions } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { requireMember } from "./require-member.ts";

export const listVersions = endpoint({
  id: "listMessageVersions",
  method: "get",
  path: "/v1/rooms/:kind/:id/messages/:seq/versions",
  tag: "rooms",
  summary: "Every text that a message had, oldest first",
  description: "For its author and the conversation's administrators, also when the message was deleted.",
  input: { params: messageParams },
  reply: messageVersions,
  errors: ["room_not_found", "forbidden", "message_not_found"],
  reads: {
    action: "messages.versions",
    subjects: async (_, { params: { seq, ...ref } }, { principal, conversations }) => [
      (await conversations.facts(principal.org, ref, seq))?.author ?? null,
    ],
    room: ({ params: { kind, id } }) => ({ kind, id }),
  },
  handle: async ({ params: { kind, id, seq } }, { principal, conversations }) => {
    const ref = { kind, id };
    const membership = await requireMember(conversations, principal, ref);
    const facts = await conversations.facts(principal.org, ref, seq);
    const resource = { org: principal.org, membership, author: facts?.author };
    if (!can(principal, "chat.versions", resource)) throw new DomainError("forbidden");
    if (!facts) throw new DomainError("message_not_found");
    const versions = await conversations.versions(principal.org, ref, seq);
    return { items: versions.map(({ seq, at, body }) => ({ seq, at, body })) };
  },
});
