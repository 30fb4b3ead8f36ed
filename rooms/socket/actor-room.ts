import { type Client, Room, ServerError } from "@colyseus/core";
import WebSocket from "ws";
import { z } from "zod";
import { DomainError, type Rejection, toRejection } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { type RoomRef, roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { closeCodes, httpStatus } from "../../core/protocol/codes.ts";
import { serverMessages } from "../../core/protocol/events.ts";
import type { RoomActor, RoomListener } from "../actor/room-actor.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { AwakeRoom, AwakeRooms } from "../cluster/awake-rooms.ts";
import type { Connections } from "./connections.ts";
import { Cork } from "./cork.ts";
import { messageFrame, readFrame, rejectionFrame, replyFrame, unreadable } from "./frames.ts";
import { PatchSchedule, type Urgency } from "./patch-schedule.ts";
import { RateLimit } from "./rate-limit.ts";
import type { RoomView } from "./room-view.ts";

/** What the rooms of one kind are made with. */
export interface ActorRoomParts<Root> {
  activate(
    ref: RoomRef,
    listener: RoomListener<Root>,
  ): Promise<{ readonly actor: RoomActor<Root>; readonly claim: { readonly incarnation: string } }>;
  createView(initial: Root, changed: (urgency: Urgency) => void): RoomView<Root>;
  readonly awake: AwakeRooms;
  readonly connections: Connections;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly sessionAlive: (session: string) => boolean;
  readonly commandsPerSecond: number;
  /** How long a room stays awake when nobody is there (ms). */
  readonly idleMs: number;
}

type RoomClient = Client<{ auth: Principal; userData: RateLimit }>;

const createOptions = z.object({
  ref: z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) }),
});
const never = 2 ** 31 - 1;
const reconnectSeconds = 20;
/** What may wait for a connection that does not read; beyond it the connection is dropped. */
const slowBytes = 4 * 1024 * 1024;

/**
 * The Colyseus room around an actor: seats, sockets and state of those who are connected here. It takes
 * messages to the actor and shows what the actor has made durable; it decides nothing.
 */
export function defineActorRoom<Root>(parts: ActorRoomParts<Root>) {
  const { awake, connections, wheel, sessionAlive } = parts;

  return class ActorRoom extends Room<{ client: RoomClient }> implements RoomListener<Root>, AwakeRoom {
    // Patches go out when something changed, and rooms end when they have been idle: no timers of Colyseus'.
    override patchRate = never;
    override autoDispose = false;
    ref: RoomRef = { kind: "chat", id: "" };
    #actor: RoomActor<Root> | null = null;
    #view: RoomView<Root> | null = null;
    #log = parts.log;
    #usedAt = performance.now();
    readonly #people = new Map<string, Set<string>>();
    readonly #cork = new Cork();
    readonly #patches = new PatchSchedule(wheel, () => this.broadcastPatch());

    constructor() {
      super();
      // Colyseus answers unknown requests and unreadable messages itself, some by closing the connection.
      // Ours are refused with a typed error, so messages are read here; the other frames stay with Colyseus.
      const handleFrame: (client: RoomClient, frame: Buffer) => void = Reflect.get(this, "_onMessage").bind(
        this,
      );
      Object.defineProperty(this, "_onMessage", {
        value: (client: RoomClient, frame: Buffer) => {
          if (!this.#receive(client, frame)) handleFrame(client, frame);
        },
      });
    }

    override async onCreate(options: unknown): Promise<void> {
      this.ref = createOptions.parse(options).ref;
      const { actor, claim } = await parts.activate(this.ref, this);
      this.#actor = actor;
      this.#view = parts.createView(actor.state, (urgency) => this.#patches.mark(urgency));
      this.#log = parts.log.child({ ...this.ref, epoch: actor.epoch });
      this.roomId = claim.incarnation;
      this.state = this.#view.schema;
      await this.setPrivate(true);
      awake.add(this);
      this.#sleepWhenIdle();
    }

    override onJoin(client: RoomClient): void {
      const by = client.auth;
      const refusal = by ? this.#admit(by) : toRejection(new DomainError("unauthenticated"));
      if (!by || refusal) throw refusedJoin(refusal ?? toRejection(null));
      client.userData = new RateLimit(parts.commandsPerSecond);
      connections.add(by.session, client);
      const seats = this.#people.get(by.id) ?? new Set();
      this.#people.set(by.id, seats.add(client.sessionId));
      this.#patches.mark(this.#view?.present(by.id, true) ?? "none");
    }

    override onDrop(client: RoomClient): void {
      if (!client.auth || !sessionAlive(client.auth.session)) return;
      connections.remove(client.auth.session, client);
      this.allowReconnection(client, reconnectSeconds).catch(() => {});
    }

    override onReconnect(client: RoomClient): void {
      const by = client.auth;
      if (!by || !sessionAlive(by.session) || this.#admit(by)) throw new DomainError("session_ended");
      connections.add(by.session, client);
    }

    override onLeave(client: RoomClient): void {
      this.#usedAt = performance.now();
      const by = client.auth;
      if (!by) return;
      connections.remove(by.session, client);
      const seats = this.#people.get(by.id);
      seats?.delete(client.sessionId);
      if (seats?.size === 0) {
        this.#people.delete(by.id);
        this.#patches.mark(this.#view?.present(by.id, false) ?? "none");
      }
      this.#sleepWhenIdle();
    }

    override onDispose(): void {
      this.#patches.stop();
    }

    request(by: Principal, name: string, payload: unknown): Promise<object> {
      this.#usedAt = performance.now();
      if (!this.#actor) return Promise.reject(new DomainError("room_closed"));
      return this.#actor.request(by, name, payload);
    }

    async seal(): Promise<void> {
      const sealed = this.#actor?.seal() ?? Promise.resolve();
      awake.leave(this, sealed);
      await sealed;
    }

    committed(events: readonly Recorded[], state: Root): void {
      const view = this.#view;
      if (!view) return;
      const urgency = view.show(state);
      const delivered = view.deliver(events);
      if (delivered.length > 0) this.#sendAll(messageFrame(serverMessages.events, delivered));
      for (const person of view.removed(events)) this.#dismiss(person);
      this.#patches.mark(urgency);
    }

    closed(reason: "fenced" | "sealed"): void {
      this.#log.info({ reason }, "room closed here");
      awake.leave(this, Promise.resolve());
      void this.disconnect(closeCodes.rejoin);
    }

    #admit(by: Principal): Rejection | null {
      if (!this.#actor || !this.#view) return toRejection(new DomainError("room_closed"));
      if (by.org !== this.#actor.org) return toRejection(new DomainError("room_not_found"));
      return this.#view.admit(this.#actor.state, by);
    }

    /** False: not a message, Colyseus handles the frame. */
    #receive(client: RoomClient, frame: Buffer): boolean {
      const message = readFrame(frame);
      if (!message) return false;
      if ("unreadable" in message) {
        this.#refuse(client, message.unreadable, "", unreadable);
        return true;
      }
      const { requestId, name, payload } = message;
      this.#handle(client, name, payload).then(
        (reply) => {
          if (requestId !== null) client.raw(replyFrame(requestId, reply));
        },
        (error: unknown) => this.#refuse(client, requestId, name, error),
      );
      return true;
    }

    async #handle(client: RoomClient, name: string, payload: unknown): Promise<object> {
      const by = client.auth;
      if (!by || !this.#actor || !this.#view) throw new DomainError("room_closed");
      const retryAfterMs = client.userData?.take() ?? 0;
      if (retryAfterMs > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs });
      const urgency = this.#view.ephemeral(name, payload, by, this.#actor.state);
      if (urgency === null) return this.request(by, name, payload);
      this.#patches.mark(urgency);
      return {};
    }

    #refuse(client: RoomClient, requestId: number | null, name: string, error: unknown): void {
      if (!(error instanceof DomainError)) this.#log.error({ err: error, request: name }, "a request failed");
      const rejection = toRejection(error);
      client.raw(
        requestId === null
          ? messageFrame(serverMessages.error, { re: name, ...rejection })
          : rejectionFrame(requestId, rejection),
      );
      if (client.userData?.abusive) client.leave(closeCodes.abusive);
    }

    #sendAll(frame: Buffer): void {
      for (const client of this.clients) {
        const socket: unknown = client.ref;
        if (socket instanceof WebSocket && socket.bufferedAmount > slowBytes) {
          this.#log.warn({ sessionId: client.sessionId }, "a connection that does not read was dropped");
          socket.terminate();
          continue;
        }
        if (socket instanceof WebSocket) this.#cork.hold(socket);
        client.enqueueRaw(frame);
      }
    }

    #dismiss(person: string): void {
      for (const client of this.clients) if (client.auth?.id === person) client.leave(closeCodes.removed);
    }

    #sleepWhenIdle(): void {
      if (this.clients.length > 0) return;
      wheel.after(parts.idleMs, () => {
        if (this.clients.length > 0 || awake.find(this.ref) !== this) return;
        if (performance.now() - this.#usedAt < parts.idleMs) this.#sleepWhenIdle();
        else void this.seal();
      });
    }
  };
}

/** A join's refusal, as the matchmaker and the socket both can carry it. */
export function refusedJoin({ code, message }: Rejection): ServerError {
  return new ServerError(httpStatus[code], `${code}: ${message}`);
}
