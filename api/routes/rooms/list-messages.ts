import { messages, messagesQuery, roomParams } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { patientOf } from "./patient-of.ts";
import { presentMessage } from "./present-message.ts";
import { requireReader } from "./require-member.ts";

export const listMessages = endpoint({
  id: "listMessages",
  method: "get",
  path: "/v1/rooms/:kind/:id/messages",
  tag: "rooms",
  summary: "The messages of a room, newest first",
  description:
    "Pages are bounded by seqs, exclusive. Pass `next` back as `before`; with `after`, messages come oldest " +
    "first, and `next` goes back as `after`.",
  input: { params: roomParams, query: messagesQuery },
  reply: messages,
  errors: ["room_not_found"],
  reads: {
    action: "messages.read",
    subjects: async ({ items }, { params }, context) =>
      items.length === 0 ? [] : [await patientOf(params, context), ...items.map(({ from }) => from)],
    room: ({ params }) => params,
  },
  handle: async ({ params, query }, context) => {
    const { principal, conversations } = context;
    await requireReader(context, params);
    const { items, more } = await conversations.page(principal.org, params, query);
    const last = items.at(-1);
    return { items: items.map(presentMessage), next: more && last ? String(last.seq) : null };
  },
});
