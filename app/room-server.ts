import { matchMaker, Server } from "@colyseus/core";
import { Encoder } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Express } from "express";
import { createHttpServer } from "../api/http/http-server.ts";
import { systemPrincipal } from "../core/domain/principal.ts";
import type { RoomRef } from "../core/domain/room.ts";
import { closeCodes } from "../core/protocol/codes.ts";
import { AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import { createDirectory, type Directory } from "../rooms/cluster/directory.ts";
import { createDoors } from "../rooms/cluster/doors.ts";
import { startDuePoller } from "../rooms/cluster/due-poller.ts";
import { installMatchmaking } from "../rooms/cluster/matchmaking.ts";
import { Connections } from "../rooms/socket/connections.ts";
import { isDraining } from "./checks.ts";
import { createMembership, type Membership } from "./cluster.ts";
import type { Context } from "./context.ts";
import { standInFront } from "./front.ts";
import { defineRooms } from "./rooms.ts";

/** The sockets, the rooms behind them, and the HTTP server they share with the API. */
export interface RoomServer {
  readonly directory: Directory;
  readonly membership: Membership;
  /** Ends a room here at once, where the database says that it is no longer ours. */
  letGo(ref: RoomRef): Promise<void>;
  /** Serves HTTP requests that are not the rooms' own. */
  mount(app: Express): void;
  /** Returns the port; `port` 0 takes any free one. */
  listen(port: number, host: string): Promise<number>;
  /** Hands its rooms to others; what is left is ended in good order, and its clients are told to come again. */
  close(): Promise<void>;
}

const frameLimit = 1024 * 1024;
/** How long those whose rooms have moved may take to follow. */
const farewellMs = 3_000;

export function createRoomServer(context: Context): RoomServer {
  const { config, identity, wheel, log, owners, keys, redis } = context;
  // Rooms are small; the default would hold several times what they need.
  Encoder.BUFFER_SIZE = 2_048;
  const awake = new AwakeRooms();
  const connections = new Connections();
  const membership = createMembership(context, {
    awake,
    connections,
    makeStandby: async ({ kind, id }, epoch) => {
      await matchMaker.createRoom(kind, { ref: { kind, id }, epoch, standby: true });
    },
  });
  const directory = createDirectory({
    awake,
    owners,
    keys,
    doors: createDoors(context),
    cluster: membership.surroundings,
  });
  context.metrics.watch({
    roomsAwake: () => awake.byKind(),
    people: () => connections.people,
    connections: () => connections.size,
    callers: () => awake.callers(),
    mediaFailing: () => context.media.failing(),
    ...(redis && {
      draining: () => isDraining(membership),
      suspended: membership.suspended,
      leaseAge: membership.leaseAge,
    }),
  });
  let publicAddress = config.publicAddress ? new URL(config.publicAddress).host : null;
  const http = createHttpServer();
  const transport = new WebSocketTransport({
    server: http,
    maxPayload: frameLimit,
    pingInterval: 5_000,
    pingMaxRetries: 2,
  });
  const mounted: Express[] = [];
  const server = new Server({
    transport,
    greet: false,
    gracefullyShutdown: false,
    // Where a room wakes is chosen before Colyseus is asked for it.
    selectProcessIdToCreateRoom: async () => matchMaker.processId,
    ...(redis ? { presence: redis.presence, driver: redis.driver } : {}),
    express: (app) => {
      app.disable("x-powered-by");
      for (const one of mounted) app.use(one);
    },
  });
  // Others are told too, by whoever has the session: only where the room is awake anything is done.
  context.media.watch(({ session: { org, ref, n }, reason }) => {
    awake
      .find(ref)
      ?.request(systemPrincipal(org), "media.lost", { id: `lost_${n}`, n, reason })
      .catch((error: unknown) => log.warn({ err: error }, "a room could not be told of its lost session"));
  });
  const rooms = defineRooms(context, {
    awake,
    connections,
    directory,
    address: () => ({ processId: context.process, ...(publicAddress === null ? {} : { publicAddress }) }),
    suspended: membership.suspended,
  });
  for (const [kind, room] of Object.entries(rooms)) server.define(kind, room);
  installMatchmaking({ directory, verify: identity.verify, log, origins: config.allowedOrigins });
  const forget = identity.sessions.onEnded((session) => connections.close(session, closeCodes.sessionEnded));
  let stopPolling = (): void => {};

  return {
    directory,
    membership,
    letGo: async (ref) => awake.find(ref)?.verify(),
    mount: (app) => {
      mounted.push(app);
    },
    listen: async (port, host) => {
      // Colyseus only prints it when the port is taken, and would wait for ever.
      const refused = new Promise<never>((_, reject) => transport.server?.once("error", reject));
      await Promise.race([server.listen(port, host), refused]);
      // Its listener is there only now. Nobody has been told of this process yet.
      const [api] = mounted;
      if (api) standInFront(http, api);
      const address = transport.server?.address();
      const taken = typeof address === "object" && address ? address.port : port;
      // Several processes by hand on one machine find each other without being told.
      if (redis) publicAddress ??= `localhost:${taken}`;
      await membership.join(publicAddress ?? "", directory);
      stopPolling = startDuePoller(context.dues, { directory, clock: context.clock, wheel, log });
      return taken;
    },
    close: async () => {
      stopPolling();
      const moved = await membership.drain(config.drainSeconds * 1_000);
      if (moved) await connections.emptied(farewellMs);
      forget();
      transport.server?.close();
      await awake.sealAll();
      await membership.leave();
      await server.gracefullyShutdown(false);
    },
  };
}
