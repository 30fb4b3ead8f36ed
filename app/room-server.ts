import { Server } from "@colyseus/core";
import { Encoder } from "@colyseus/schema";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Express } from "express";
import type { ConversationState } from "../core/domain/conversation/state.ts";
import { closeCodes } from "../core/protocol/codes.ts";
import { activate } from "../rooms/actor/activation.ts";
import { createChatKind } from "../rooms/chat/chat-kind.ts";
import { createChatView } from "../rooms/chat/chat-view.ts";
import { AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import { createDirectory, type Directory } from "../rooms/cluster/directory.ts";
import { startDuePoller } from "../rooms/cluster/due-poller.ts";
import { installMatchmaking } from "../rooms/cluster/matchmaking.ts";
import { defineActorRoom } from "../rooms/socket/actor-room.ts";
import { Connections } from "../rooms/socket/connections.ts";
import type { Context } from "./context.ts";

/** The sockets, the rooms behind them, and the HTTP server they share with the API. */
export interface RoomServer {
  readonly directory: Directory;
  /** Serves HTTP requests that are not the rooms' own. */
  mount(app: Express): void;
  /** Returns the port; `port` 0 takes any free one. */
  listen(port: number, host: string): Promise<number>;
  /** Takes nothing more, ends every room in good order and tells its clients to come again. */
  close(): Promise<void>;
}

const frameLimit = 1024 * 1024;
const idleMs = 30_000;

export function createRoomServer(context: Context): RoomServer {
  const { config, identity, wheel, log, conversations, owners, keys } = context;
  // Rooms are small; the default would hold several times what they need.
  Encoder.BUFFER_SIZE = 2_048;
  const awake = new AwakeRooms();
  const connections = new Connections();
  const directory = createDirectory({ awake, owners, keys, conversations });
  const chat = createChatKind({ conversations, names: identity.people.names });
  const ChatRoom = defineActorRoom<ConversationState>({
    activate: (ref, listener) => activate(chat, ref, context, listener),
    createView: (state, changed) => createChatView(state, wheel, changed),
    awake,
    connections,
    wheel,
    log,
    sessionAlive: identity.sessions.isAlive,
    commandsPerSecond: config.commandsPerSecond,
    idleMs,
  });
  const transport = new WebSocketTransport({
    maxPayload: frameLimit,
    pingInterval: 5_000,
    pingMaxRetries: 2,
  });
  const mounted: Express[] = [];
  const server = new Server({
    transport,
    greet: false,
    gracefullyShutdown: false,
    express: (app) => {
      app.disable("x-powered-by");
      for (const one of mounted) app.use(one);
    },
    ...(config.publicAddress ? { publicAddress: new URL(config.publicAddress).host } : {}),
  });
  server.define("chat", ChatRoom);
  installMatchmaking({ directory, verify: identity.verify, log, origins: config.allowedOrigins });
  const forget = identity.sessions.onEnded((session) => connections.close(session, closeCodes.sessionEnded));
  let stopPolling = (): void => {};

  return {
    directory,
    mount: (app) => {
      mounted.push(app);
    },
    listen: async (port, host) => {
      // Colyseus only prints it when the port is taken, and would wait for ever.
      const refused = new Promise<never>((_, reject) => transport.server?.once("error", reject));
      await Promise.race([server.listen(port, host), refused]);
      stopPolling = startDuePoller(context.dues, { directory, clock: context.clock, wheel, log });
      const address = transport.server?.address();
      return typeof address === "object" && address ? address.port : port;
    },
    close: async () => {
      stopPolling();
      forget();
      transport.server?.close();
      await awake.sealAll();
      await server.gracefullyShutdown(false);
    },
  };
}
