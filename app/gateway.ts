import type { ConversationReader } from "../api/conversations-port.ts";
import type { AuditLog, MediaOrders } from "../api/ports.ts";
import { pastRooms } from "../api/projections/past-rooms.ts";
import type { HistoryReader, RoomGateway } from "../api/rooms-port.ts";
import { type MemberRole, memberRoles } from "../core/domain/conversation/state.ts";
import { systemPrincipal } from "../core/domain/principal.ts";
import type { RoomKindName } from "../core/domain/room.ts";
import { type VisitRole, visitRoles } from "../core/domain/visit/state.ts";
import { createRoomHistory } from "../core/platform/repositories/room-history.ts";
import { currentRequest } from "../core/platform/telemetry/request-scope.ts";
import type { CommandReply } from "../core/protocol/events.ts";
import { commandReply } from "../core/protocol/rest.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import type { Context } from "./context.ts";

/** The rooms as the API sees them. */
export function createGateway(directory: Directory, { owners }: Pick<Context, "owners">): RoomGateway {
  return {
    command: async (by, ref, name, payload) => ({ ...(await directory.command(by, ref, name, payload)) }),
    create: async (by, room) => {
      const { id, reply } = await directory.create(by, room);
      const { seq, at }: CommandReply = commandReply.parse(reply);
      return { id, seq, at };
    },
    system: async (org, ref, name, payload) => ({
      ...(await directory.command(systemPrincipal(org), ref, name, payload)),
    }),
    org: async (ref) => (await owners.find(ref))?.org ?? null,
  };
}

/** What is kept of conversations as the API reads it. */
export function createReader({ conversations, guards, memberships, summaries }: Context): ConversationReader {
  return {
    membership: async (org, ref, person) =>
      conversationRole(ref.kind, (await memberships.role(org, ref, person)) ?? "none"),
    members: (org, ref) => summaries.members(org, ref.id),
    page: (org, ref, query) => guards.readers.run(() => conversations.page(org, ref, query)),
    facts: conversations.facts,
    versions: (org, ref, seq) => guards.readers.run(() => conversations.versions(org, ref, seq)),
    chats: (query) => guards.readers.run(() => summaries.list(query)),
    chat: summaries.one,
  };
}

/** What people of a visit are in its conversation. */
const inConversation: Readonly<Record<VisitRole, MemberRole>> = {
  patient: "member",
  clinician: "admin",
  interpreter: "member",
  family: "member",
  observer: "observer",
};

/** null: rooms of this kind have no conversation, or this person has no part in it, being at the door. */
function conversationRole(kind: RoomKindName, role: string): MemberRole | null {
  if (kind === "chat") return memberRoles.find((known) => known === role) ?? null;
  const known = kind === "consultation" && visitRoles.find((one) => one === role);
  return known ? inConversation[known] : null;
}

/** Rooms as they were, from the journal. */
export function createHistory({ database: { tenants }, guards, keys, tenantRooms }: Context): HistoryReader {
  const history = createRoomHistory({ tenants, keys, folds: pastRooms });
  return {
    stateAt: (org, ref, moment) => guards.readers.run(() => history.stateAt(org, ref, moment)),
    events: (org, ref, query) => guards.readers.run(() => history.events(org, ref, query)),
    exists: async (org, ref) => (await tenantRooms.find(org, ref)) !== null,
  };
}

/** Each entry names the request that it is about, by the id that its sender was told. */
export function createAuditLog({ audit, clock }: Context): AuditLog {
  const complete = <Entry extends { readonly detail?: Readonly<Record<string, unknown>> | undefined }>(
    entry: Entry,
  ) => {
    const request = currentRequest();
    const detail = request === undefined ? entry.detail : { ...entry.detail, request };
    return { ...entry, detail, at: clock.now() };
  };
  return {
    record: (entry) => audit.record(complete(entry)),
    recordAll: (entries) => audit.recordAll(entries.map(complete)),
  };
}

export function createMediaOrders({ media, orgSettings }: Context): MediaOrders {
  return { backends: media.backends, chosen: orgSettings.mediaOrder, choose: orgSettings.setMediaOrder };
}
