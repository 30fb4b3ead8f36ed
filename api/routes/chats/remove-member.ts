import { randomUUID } from "node:crypto";
import { chatMemberParams, commandIdQuery, commandReply } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const removeMember = endpoint({
  id: "removeChatMember",
  method: "delete",
  path: "/v1/chats/:id/members/:person",
  tag: "chats",
  summary: "Remove a member, or leave",
  limited: true,
  input: { params: chatMemberParams, query: commandIdQuery },
  reply: commandReply,
  errors: [...commandErrors, "person_not_found", "last_admin"],
  handle: async ({ params, query }, { principal, rooms }) => {
    const payload = { id: query.id ?? randomUUID(), person: params.person, role: null };
    const reply = await rooms.command(principal, { kind: "chat", id: params.id }, "chat.member", payload);
    return commandReply.parse(reply);
  },
});
