import { initializeRoomCache, matchMaker, Room } from "@colyseus/core";
import { z } from "zod";
import { DomainError, toRejection } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import type { Adoption } from "../cluster/bus.ts";
import type { RoomClient } from "./crowd.ts";
import { Inbox } from "./inbox.ts";
import { RateLimit } from "./rate-limit.ts";
import { refusedJoin } from "./refused-join.ts";
import { RoomLife } from "./room-life.ts";
import type { ActorRoomParts } from "./room-parts.ts";
import type { Place, Shell } from "./shell.ts";
import { ViewSerializer } from "./view-serializer.ts";

const createOptions = z.object({
  ref: z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) }),
  /** Of its owner until now. */
  epoch: z.int(),
  /** The owner has yet to hand the room over. */
  standby: z.boolean().default(false),
});
const never = 2 ** 31 - 1;
const reconnectSeconds = 20;

/**
 * The Colyseus room around a room's life: its sockets, seats and schema. It takes people in, and what they send to the
 * life's gate; everything else is `RoomLife`'s.
 */
export function defineActorRoom<Root>(parts: ActorRoomParts<Root>) {
  const { watch, sessionAlive } = parts;

  return class ActorRoom extends Room<{ client: RoomClient }> {
    // Patches go out when something changed, and rooms end when they have been idle: no timers of Colyseus'.
    override patchRate = never;
    override autoDispose = false;
    life: RoomLife<Root> | null = null;
    readonly #inbox = new Inbox({
      answer: (client, frame) => this.life?.crowd.answer(client, frame),
      watch,
      log: () => this.life?.log() ?? parts.log,
      request: async (by, name, payload) => {
        if (!this.life) throw new DomainError("room_closed");
        return this.life.request(by, name, payload);
      },
    });

    constructor() {
      super();
      // Colyseus answers unknown requests and unreadable messages itself, some by closing the connection.
      // Ours are refused with a typed error, so messages are read here; the other frames stay with Colyseus.
      const handleFrame: (client: RoomClient, frame: Buffer) => void = Reflect.get(this, "_onMessage").bind(
        this,
      );
      Object.defineProperty(this, "_onMessage", {
        value: (client: RoomClient, frame: Buffer) => {
          if (!this.#inbox.receive(client, frame)) handleFrame(client, frame);
        },
      });
    }

    /** Colyseus calls it as the state is set, with its own serializer. */
    override setSerializer(): void {
      super.setSerializer(new ViewSerializer(() => this.life?.crowd.inside() ?? []));
    }

    override async onCreate(options: unknown): Promise<void> {
      const { ref, epoch, standby } = createOptions.parse(options);
      const life = new RoomLife(ref, parts, this.#shell());
      this.life = life;
      await (standby ? life.standBy(epoch) : life.wake(epoch));
    }

    override async onJoin(client: RoomClient): Promise<void> {
      const life = this.life;
      await life?.gate.passable();
      const open = life?.open;
      if (!life || !open) throw refusedJoin(toRejection(new DomainError("room_closed")));
      const by = client.auth;
      const refusal = by ? life.refusal(by) : toRejection(new DomainError("unauthenticated"));
      if (!by || refusal) throw refusedJoin(refusal ?? toRejection(null));
      client.userData = new RateLimit(parts.commandsPerSecond);
      life.attendance.came(client, by);
      open.showing.seat(client, by, open.actor.state);
    }

    override onDrop(client: RoomClient): void {
      const by = client.auth;
      // Whoever was sent away has no seat to come back to.
      if (!by || !sessionAlive(by.session) || !this.life?.open || this.life.refusal(by)) return;
      this.life.idle.used();
      this.life.attendance.broke(client, by);
      this.allowReconnection(client, reconnectSeconds).catch(() => {});
    }

    override onReconnect(client: RoomClient): void {
      const by = client.auth;
      const life = this.life;
      if (by) life?.crowd.replace(client, by.id);
      const open = life?.open;
      if (!life || !open) throw new DomainError("room_closed");
      if (!by || !sessionAlive(by.session) || life.refusal(by)) throw new DomainError("session_ended");
      life.attendance.cameBack(client, by);
      open.showing.greet(client, by, open.actor.state);
    }

    override onLeave(client: RoomClient): void {
      const life = this.life;
      if (!life) return;
      life.idle.used();
      if (!client.auth) return;
      life.attendance.left(client, client.auth);
      if (life.gate.left && life.connected === 0) void this.disconnect();
      else life.idle.watch();
    }

    /** Whatever is left when the process ends. */
    override onBeforeShutdown(): void {
      void this.disconnect(closeCodes.rejoin);
    }

    override onDispose(): void {
      this.life?.dispose();
    }

    #shell(): Shell {
      return {
        clients: () => this.clients,
        rename: (roomId) => {
          this.roomId = roomId;
        },
        keep: (schema) => {
          this.state = schema;
        },
        hide: () => this.setPrivate(true),
        patch: () => this.broadcastPatch(),
        fullState: (client) => this.#fullState(client),
        reserve: (by) => this.#reserve(by),
        reserveAll: (sessions) => this.#reserveAll(sessions),
        close: (code) => void this.disconnect(code),
      };
    }

    async #reserve(by: Principal): Promise<Place> {
      const listed = this.#listed();
      const { sessionId } = await matchMaker.reserveSeatFor(listed, {}, by);
      return { name: listed.name, roomId: listed.roomId, sessionId };
    }

    async #reserveAll(sessions: Adoption["sessions"]): Promise<readonly Place[]> {
      const { name, roomId } = this.#listed();
      const seats = sessions.map(({ sessionId, auth }) => ({ sessionId, auth, options: {} }));
      await matchMaker.reserveMultipleSeatsFor(this.#listed(), seats);
      return sessions.map(({ sessionId }) => ({ name, roomId, sessionId }));
    }

    #listed() {
      return initializeRoomCache({ name: this.life?.ref.kind ?? this.roomName, roomId: this.roomId });
    }

    /** Colyseus sends it on joining alone, but its clients take it at any time. */
    #fullState(client: RoomClient): Uint8Array {
      const serializer: { getFullState(client: RoomClient): Uint8Array } = Reflect.get(this, "_serializer");
      return serializer.getFullState(client);
    }
  };
}
