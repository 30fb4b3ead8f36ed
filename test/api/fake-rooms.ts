import { randomUUID } from "node:crypto";
import type { ConversationReader, ListedChat } from "../../api/conversations-port.ts";
import type { RoomGateway } from "../../api/rooms-port.ts";
import type { MessageView } from "../../core/domain/conversation/view.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import { type RoomKindName, type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { ChatMember } from "../../core/protocol/rest.ts";

/** A conversation as the fake reader has it. */
export interface FakeRoom {
  readonly members: ChatMember[];
  readonly messages: MessageView[];
  readonly title: string;
}

/** What came to the fake gateway. */
export interface Received {
  readonly by: Principal;
  readonly ref: RoomRef;
  readonly name: string;
  readonly payload: unknown;
  /** Whom a new room is about. */
  readonly subject?: string | undefined;
}

const creation: Readonly<Record<RoomKindName, string>> = {
  chat: "chat.create",
  waiting: "queue.create",
  consultation: "visit.create",
};

/** Takes every request down, and answers as it is told. */
export function fakeGateway(
  received: Received[],
  answers: (Readonly<Record<string, unknown>> | Error)[],
  owners: Pick<RoomOwners, "find">,
): RoomGateway {
  const answer = (): Readonly<Record<string, unknown>> => {
    const next = answers.shift() ?? { seq: received.length, at: 1_000 + received.length };
    if (next instanceof Error) throw next;
    return next;
  };
  return {
    command: async (by, ref, name, payload) => {
      received.push({ by, ref, name, payload });
      return answer();
    },
    create: async (by, { kind, subject, payload }) => {
      const id = randomUUID().replaceAll("-", "");
      received.push({ by, ref: { kind, id }, name: creation[kind], payload, subject });
      answer();
      return { id, seq: 1, at: 1_000 };
    },
    system: async (org, ref, name, payload) => {
      received.push({ by: systemPrincipal(org), ref, name, payload });
      return answer();
    },
    org: async (ref) => (await owners.find(ref))?.org ?? null,
  };
}

export function fakeReader(rooms: ReadonlyMap<string, FakeRoom>): ConversationReader {
  const listed = (person: string): ListedChat[] =>
    [...rooms].flatMap(([key, room]) => {
      const member = room.members.find((each) => each.person === person);
      if (!member || !key.startsWith("chat:")) return [];
      const last = room.messages.at(-1) ?? null;
      const unread = room.messages.filter((message) => message.from !== person).length;
      const at = last?.at ?? 0;
      return [
        { id: key.slice(5), title: room.title, role: member.role, members: room.members, unread, last, at },
      ];
    });
  const messageAt = (ref: RoomRef, seq: number) =>
    rooms.get(roomKey(ref))?.messages.find((message) => message.seq === seq);
  return {
    membership: async (_, ref, person) =>
      rooms.get(roomKey(ref))?.members.find((member) => member.person === person)?.role ?? null,
    members: async (_, ref) => rooms.get(roomKey(ref))?.members ?? [],
    page: async (_, ref, { after, before, limit }) => {
      const within = (rooms.get(roomKey(ref))?.messages ?? []).filter(
        ({ seq }) => seq > (after ?? 0) && seq < (before ?? Number.POSITIVE_INFINITY),
      );
      const inOrder = after === undefined ? within.toReversed() : within;
      return { items: inOrder.slice(0, limit), more: inOrder.length > limit };
    },
    facts: async (_, ref, seq) => {
      const message = messageAt(ref, seq);
      return message ? { seq, author: message.from, deleted: message.body === null } : null;
    },
    versions: async (_, ref, seq) => {
      const message = messageAt(ref, seq);
      if (!message) throw new DomainError("message_not_found");
      return [
        { seq, at: message.at, body: "as first written" },
        { seq: seq + 1, at: message.at + 1, body: message.body ?? "" },
      ];
    },
    chats: async ({ person, after, limit }) => {
      const sorted = listed(person).sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const from = after ? sorted.findIndex((chat) => chat.at === after.at && chat.id === after.id) + 1 : 0;
      return sorted.slice(from, from + limit);
    },
    chat: async ({ person }, id) => listed(person).find((chat) => chat.id === id) ?? null,
  };
}

/** A chat of the clinician and the patient with `count` messages, seqs 2, 4, 6, … */
export function sampleRoom(count: number): FakeRoom {
  return {
    title: "予約の相談",
    members: [
      { person: "clinician", name: "Dr. Emma Lindqvist", role: "admin" },
      { person: "patient", name: "佐藤 花 (Hana Sato)", role: "member" },
      { person: "patient2", name: "Daniel Okafor", role: "observer" },
    ],
    messages: Array.from({ length: count }, (_, index) => ({
      seq: 2 * index + 2,
      id: `message-${index}`,
      from: index % 2 === 0 ? "patient" : "clinician",
      at: 1_000 + index,
      body: index === 1 ? null : `message ${index}`,
      ...(index === 1 ? { deletedAt: 2_000 } : {}),
      ...(index === 2 ? { replyTo: 2, editedAt: 2_001 } : {}),
      reactions: index === 0 ? { "👍": ["clinician"] } : {},
    })),
  };
}
