import { chatMembers, chatParams } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { requireMember } from "../rooms/require-member.ts";

export const listMembers = endpoint({
  id: "listChatMembers",
  method: "get",
  path: "/v1/chats/:id/members",
  tag: "chats",
  summary: "The members of a chat",
  input: { params: chatParams },
  reply: chatMembers,
  errors: ["room_not_found"],
  reads: {
    action: "chat.members",
    subjects: ({ items }) => items.map(({ person }) => person),
    room: ({ params: { id } }) => ({ kind: "chat", id }),
  },
  handle: async ({ params: { id } }, { principal, conversations }) => {
    const ref = { kind: "chat", id } as const;
    await requireMember(conversations, principal, ref);
    const members = await conversations.members(principal.org, ref);
    return { items: members.map(({ person, name, role }) => ({ person, name, role })) };
  },
});
