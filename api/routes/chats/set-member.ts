import { randomUUID } from "node:crypto";
import { chatMemberParams, commandReply, setMember as request } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const setMember = endpoint({
  id: "setChatMember",
  method: "put",
  path: "/v1/chats/:id/members/:person",
  tag: "chats",
  summary: "Add a member, or change a member's role",
  limited: true,
  input: { params: chatMemberParams, body: request },
  reply: commandReply,
  errors: [...commandErrors, "person_not_found", "last_admin", "member_limit"],
  handle: async ({ params, body }, { principal, rooms }) => {
    const payload = { id: body.id ?? randomUUID(), person: params.person, role: body.role };
    const reply = await rooms.command(principal, { kind: "chat", id: params.id }, "chat.member", payload);
    return commandReply.parse(reply);
  },
});
