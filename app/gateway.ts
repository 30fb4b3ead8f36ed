import type { ConversationReader, RoomGateway } from "../api/ports.ts";
import type { CommandReply } from "../core/protocol/events.ts";
import { commandReply } from "../core/protocol/rest.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import type { Context } from "./context.ts";

/** The rooms as the API sees them. */
export function createGateway(directory: Directory): RoomGateway {
  return {
    command: async (by, ref, name, payload) => ({ ...(await directory.command(by, ref, name, payload)) }),
    create: async (by, kind, payload) => {
      const { id, reply } = await directory.create(by, { kind, subject: payload.subject, payload });
      const { seq, at }: CommandReply = commandReply.parse(reply);
      return { id, seq, at };
    },
  };
}

/** What is kept of conversations as the API reads it. */
export function createReader({ conversations, summaries }: Context): ConversationReader {
  return {
    membership: conversations.membership,
    members: (ref) => summaries.members(ref.id),
    page: conversations.page,
    facts: conversations.facts,
    versions: conversations.versions,
    chats: summaries.list,
    chat: summaries.one,
  };
}
