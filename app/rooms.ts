import type { Room } from "@colyseus/core";
import { roles } from "../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../core/domain/room.ts";
import { createConsentTexts } from "../core/platform/records/consent-texts.ts";
import { createHolds } from "../core/platform/records/holds.ts";
import { createKeptRecordings, keepRecordingsMs } from "../core/platform/records/kept-recordings.ts";
import { runRecordings } from "../media/recording/recording-service.ts";
import { activate, load, takeOver } from "../rooms/actor/activation.ts";
import type { Deliver } from "../rooms/actor/errand-runner.ts";
import type { RoomKind } from "../rooms/actor/room-kind.ts";
import { createChatKind } from "../rooms/chat/chat-kind.ts";
import { createChatView } from "../rooms/chat/chat-view.ts";
import type { AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import { createConsultationKind } from "../rooms/consultation/consultation-kind.ts";
import { createConsultationView } from "../rooms/consultation/consultation-view.ts";
import { defineActorRoom } from "../rooms/socket/actor-room.ts";
import type { Connections } from "../rooms/socket/connections.ts";
import type { ActorRoomParts } from "../rooms/socket/room-parts.ts";
import { createWaitingKind } from "../rooms/waiting/waiting-kind.ts";
import { createWaitingView } from "../rooms/waiting/waiting-view.ts";
import type { Context } from "./context.ts";
import { createAuditLog } from "./gateway.ts";
import { keptWhileHeld } from "./held-recordings.ts";
import { createRoomTrace } from "./room-trace.ts";
import { createRoomWatch } from "./room-watch.ts";

const members = roles.filter((role) => role !== "guest");
const staffRoles = ["clinician", "desk", "admin"] as const;
/** How long a room stays awake when nobody is there (ms). */
const idleMs = 30_000;

/** The Colyseus room of each kind, with everything that it is made with. */
export function defineRooms(
  context: Context,
  shared: {
    readonly awake: AwakeRooms;
    readonly connections: Connections;
    readonly directory: Pick<Directory, "deliver">;
    readonly address: () => { readonly processId: string; readonly publicAddress?: string };
    readonly suspended: () => boolean;
  },
): Readonly<Record<RoomKindName, new () => Room>> {
  const {
    config,
    database,
    identity,
    wheel,
    clock,
    log,
    conversations,
    files,
    tenantRooms,
    memberships,
    metrics,
    media,
    recordings,
  } = context;
  const { awake, connections, directory, address, suspended } = shared;
  const { people } = identity;
  const holds = createHolds(database.db, database.tenants, clock.now);
  const index = createKeptRecordings(database.db, database.tenants, clock.now);
  const kept = keptWhileHeld(recordings, holds, index);
  const lookups = {
    conversations,
    // Guests belong to their one visit: nobody can be put anywhere who came by invitation.
    names: (org: string, ids: readonly string[]) => people.names(org, ids, members),
    staff: (org: string, ids: readonly string[]) => people.names(org, ids, staffRoles),
    clinicians: (org: string, ids: readonly string[]) => people.names(org, ids, ["clinician"]),
    attach: files.service.attach,
    exists: async (org: string, ref: RoomRef) => (await tenantRooms.find(org, ref)) !== null,
    role: memberships.role,
    media,
    keepRecordingsMs: (org: string) => keepRecordingsMs(database.tenants, org, config.keepRecordingsMs),
    record: createAuditLog(context).record,
    now: clock.now,
    hasConsentText: createConsentTexts(database.tenants, clock.now).has,
  };
  const deliver: Deliver = async (from, { to, ...errand }) => {
    if (to.kind === "media") return media.run(from, { ...errand, to });
    if (to.kind === "recordings") return runRecordings(kept, from, { ...errand, to });
    await directory.deliver(from, { ...errand, to });
    return null;
  };
  const trace = createRoomTrace(context);
  const define = <Root>(kind: RoomKind<Root>, createView: ActorRoomParts<Root>["createView"]) => {
    const watch = createRoomWatch(kind.name, metrics);
    const ports = { ...context, deliver, watch };
    return defineActorRoom<Root>({
      activate: (ref, epoch, listener) => activate(kind, ref, ports, listener, epoch),
      load: (ref) => load(kind, ref, ports),
      takeOver: (loaded, epoch, listener) => takeOver(kind, loaded, epoch, ports, listener),
      createView,
      awake,
      connections,
      wheel,
      log,
      address,
      suspended,
      sessionAlive: identity.sessions.isAlive,
      trace,
      commandsPerSecond: config.commandsPerSecond,
      idleMs,
      watch,
    });
  };

  return {
    chat: define(createChatKind(lookups), (state, _, changed) => createChatView(state, wheel, changed)),
    waiting: define(createWaitingKind(lookups), (state, _, __, tell) =>
      createWaitingView(state, { wheel, clock, tell }),
    ),
    consultation: define(createConsultationKind(lookups), (state, room, changed, tell) =>
      createConsultationView(state, { room, wheel, media, changed, tell }),
    ),
  };
}
