import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { chatParams, chatSummary } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { patientOf } from "../rooms/patient-of.ts";
import { presentChat } from "./present-chat.ts";

export const getChat = endpoint({
  id: "getChat",
  method: "get",
  path: "/v1/chats/:id",
  tag: "chats",
  summary: "One of my chats",
  input: { params: chatParams },
  reply: chatSummary,
  errors: ["room_not_found"],
  reads: {
    action: "chat.read",
    subjects: async (chat, { params: { id } }, context) => [
      await patientOf({ kind: "chat", id }, context),
      chat.last?.from ?? null,
    ],
    room: ({ params: { id } }) => ({ kind: "chat", id }),
  },
  handle: async ({ params: { id } }, { principal, conversations }) => {
    const chat = await conversations.chat({ org: principal.org, person: principal.id }, id);
    const resource = { org: principal.org, membership: chat?.role ?? null };
    if (!chat || !can(principal, "chat.join", resource)) throw new DomainError("room_not_found");
    return presentChat(chat);
  },
});
