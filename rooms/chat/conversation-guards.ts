import { type ChatCommand, isChatCommand } from "../../core/domain/conversation/commands.ts";
import {
  type ConversationState,
  type MessageFacts,
  recentFacts,
} from "../../core/domain/conversation/state.ts";
import { DomainError, rejection } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import type { KnownFile } from "../../core/domain/file/file.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Conversations } from "../../core/platform/repositories/conversations.ts";
import { chatRequests } from "../../core/protocol/conversation.ts";
import { command, query } from "../actor/request-guards.ts";
import type { Asked, RequestGuard } from "../actor/room-kind.ts";
import { authoriseMember } from "./conversation-policy.ts";

/** What a conversation has to look up outside its own state. */
export interface ConversationLookups {
  readonly conversations: Pick<Conversations, "facts" | "resume">;
  /** The names of people of an organisation; those it has not are left out. */
  names(org: string, people: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Keeps files for a message of this command; those of them that it may carry, in their order. */
  attach(
    room: { readonly org: string; readonly ref: RoomRef },
    owner: string,
    command: string,
    files: readonly string[],
  ): Promise<readonly KnownFile[]>;
}

type Guard = RequestGuard<ConversationState>;
type Here = Asked<ConversationState>;

const resumeLimit = 500;
const readEveryMs = 1_000;

/** How each request of a conversation is parsed and completed. */
export function conversationGuards(lookups: ConversationLookups): Readonly<Record<string, Guard>> {
  const { conversations, names } = lookups;

  /** What is known of the message that a request names: from the room's memory, else from the journal. */
  const withTarget = (
    seq: number,
    { ref, state, by }: Here,
    complete: (target: MessageFacts | null) => ChatCommand,
  ): ChatCommand | Promise<ChatCommand> => {
    const known = recentFacts(state, seq) ?? (seq > state.lastSeq ? null : undefined);
    return known === undefined ? conversations.facts(by.org, ref, seq).then(complete) : complete(known);
  };

  return {
    "chat.create": command({
      schema: chatRequests["chat.create"],
      prepare: async ({ id, title, subject = null, members }, { by }: Here) => {
        const ids = members.map(({ person }) => person);
        const known = await names(by.org, subject === null ? ids : [...ids, subject]);
        const nameOf = (person: string): string => {
          const name = known.get(person);
          if (name === undefined) throw new DomainError("person_not_found");
          return name;
        };
        if (subject !== null) nameOf(subject);
        const named = members.map(({ person, role }) => ({ person, name: nameOf(person), role }));
        return { name: "chat.create", id, title, subject, members: named } satisfies ChatCommand;
      },
    }),
    "chat.send": command({
      schema: chatRequests["chat.send"],
      prepare: ({ id, body, attachments, replyTo }, here: Here) => {
        const message = { name: "chat.send", id, body, ...(attachments && { attachments }) } as const;
        const complete = (carried: { readonly files?: readonly KnownFile[] }) =>
          replyTo === undefined
            ? { ...message, ...carried }
            : withTarget(replyTo, here, (target) => ({ ...message, ...carried, replyTo, target }));
        if (!attachments?.length) return complete({});
        const { ref, by } = here;
        return lookups
          .attach({ org: by.org, ref }, by.id, id, attachments)
          .then((files) => complete({ files }));
      },
    }),
    "chat.edit": command({
      schema: chatRequests["chat.edit"],
      prepare: ({ id, of, body }, here: Here) =>
        withTarget(of, here, (target) => ({ name: "chat.edit", id, of, body, target })),
    }),
    "chat.delete": command({
      schema: chatRequests["chat.delete"],
      prepare: ({ id, of }, here: Here) =>
        withTarget(of, here, (target) => ({ name: "chat.delete", id, of, target })),
    }),
    "chat.react": command({
      schema: chatRequests["chat.react"],
      prepare: ({ id, of, emoji, on }, here: Here) =>
        withTarget(of, here, (target) => ({ name: "chat.react", id, of, emoji, on, target })),
    }),
    "chat.member": command({
      schema: chatRequests["chat.member"],
      prepare: async ({ id, person, role }, { by }: Here) => {
        const personName = (await names(by.org, [person])).get(person) ?? null;
        return { name: "chat.member", id, person, role, personName } satisfies ChatCommand;
      },
    }),
    "chat.read": command({
      schema: chatRequests["chat.read"],
      prepare: ({ seq }, _: Here) => ({ name: "chat.read", id: null, seq }) satisfies ChatCommand,
      coalesce: { everyMs: readEveryMs, merge: laterRead },
    }),
    "chat.resume": query({
      schema: chatRequests["chat.resume"],
      authorise: ({ after }, { state, by }: Here) =>
        authoriseMember(state, "chat.resume", by) ??
        (after > state.lastSeq ? rejection("seq_out_of_range") : null),
      answer: ({ after }, { ref, by }) => conversations.resume(by.org, ref, after, resumeLimit),
    }),
  };
}

function laterRead(earlier: Command, later: Command): Command {
  if (!isChatCommand(earlier) || !isChatCommand(later)) return later;
  return earlier.name === "chat.read" && later.name === "chat.read" && earlier.seq > later.seq
    ? earlier
    : later;
}
