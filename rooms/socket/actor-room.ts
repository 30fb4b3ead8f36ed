import { initializeRoomCache, matchMaker, Room, ServerError } from "@colyseus/core";
import { StateView } from "@colyseus/schema";
import { z } from "zod";
import { DomainError, type Rejection, toRejection } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { type RoomRef, roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import { type Logger, roomLogger } from "../../core/platform/logger.ts";
import { closeCodes, httpStatus } from "../../core/protocol/codes.ts";
import { type Seat, serverMessages } from "../../core/protocol/events.ts";
import type { Activated, Loaded } from "../actor/activation.ts";
import type { Ending, RoomActor, RoomListener } from "../actor/room-actor.ts";
import type { RoomWatch } from "../actor/room-watch.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { AwakeRoom, AwakeRooms, StandbyRoom } from "../cluster/awake-rooms.ts";
import type { Adoption } from "../cluster/bus.ts";
import type { Connections } from "./connections.ts";
import { Crowd, type RoomClient } from "./crowd.ts";
import { Expected } from "./expected.ts";
import { messageFrame, readFrame, rejectionFrame, replyFrame, unreadable } from "./frames.ts";
import { type Forward, Gate } from "./gate.ts";
import { PatchSchedule, type Urgency } from "./patch-schedule.ts";
import { RateLimit } from "./rate-limit.ts";
import type { Personal, RoomView, ViewedRoom } from "./room-view.ts";
import { ViewSerializer } from "./view-serializer.ts";

/** What the rooms of one kind are made with. */
export interface ActorRoomParts<Root> {
  activate(ref: RoomRef, epoch: number, listener: RoomListener<Root>): Promise<Activated<Root>>;
  /** For a room that is to be handed over to us: what it is now, and later, that it is ours. */
  load(ref: RoomRef): Promise<Loaded<Root>>;
  takeOver(loaded: Loaded<Root>, epoch: number, listener: RoomListener<Root>): Promise<Activated<Root>>;
  /** `changed` and `tell` are for what the view does by itself. */
  createView(
    initial: Root,
    room: ViewedRoom,
    changed: (urgency: Urgency) => void,
    tell: (messages: readonly Personal[]) => void,
  ): RoomView<Root>;
  readonly awake: AwakeRooms;
  readonly connections: Connections;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly watch: RoomWatch;
  /** What the seats of this process are told by. */
  readonly address: () => { readonly processId: string; readonly publicAddress?: string };
  /** Whether this process has lost touch with the database, so that its rooms may be somebody else's. */
  readonly suspended: () => boolean;
  readonly sessionAlive: (session: string) => boolean;
  /** Keeps who came and went: between the two, what the room shows is seen. A room that moves takes people with it. */
  readonly trace: (by: Principal, room: RoomRef, what: "room.joined" | "room.left") => void;
  readonly commandsPerSecond: number;
  /** How long a room stays awake when nobody is there (ms). */
  readonly idleMs: number;
}

const createOptions = z.object({
  ref: z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) }),
  /** Of its owner until now. */
  epoch: z.int(),
  /** The owner has yet to hand the room over. */
  standby: z.boolean().default(false),
});
const never = 2 ** 31 - 1;
const reconnectSeconds = 20;
/** How long a room that was to come over is kept ready, */
const standbyMs = 15_000;
/** how long seats are kept for those who were in it, */
const seatMs = 15_000;
/** and how long connections may stay where it was. */
const lingerMs = 10_000;
const suspendedRetryMs = 500;

/**
 * The Colyseus room around an actor: seats, sockets and state of those who are connected here. It takes
 * messages to the actor and shows what the actor has made durable; it decides nothing.
 */
export function defineActorRoom<Root>(parts: ActorRoomParts<Root>) {
  const { awake, connections, wheel, watch, sessionAlive } = parts;

  return class ActorRoom
    extends Room<{ client: RoomClient }>
    implements RoomListener<Root>, AwakeRoom, StandbyRoom
  {
    // Patches go out when something changed, and rooms end when they have been idle: no timers of Colyseus'.
    override patchRate = never;
    override autoDispose = false;
    ref: RoomRef = { kind: "chat", id: "" };
    #actor: RoomActor<Root> | null = null;
    #loaded: Loaded<Root> | null = null;
    #adopting: Promise<void> | null = null;
    #view: RoomView<Root> | null = null;
    /** What insiders see beside the rest: one for all of them, so that it is encoded once. */
    #inner: StateView | null = null;
    /** Its lines carry the room's address and epoch. */
    #log = () => parts.log;
    #usedAt = performance.now();
    /** The actor has ended. Colyseus may take long to let go of the room, where Redis does not answer. */
    #ended = false;
    readonly #crowd = new Crowd(() => this.#log());
    /** When connections broke that may yet come back, by Colyseus' session. */
    readonly #brokenAt = new Map<string, number>();
    readonly #gate = new Gate();
    readonly #expected = new Expected(wheel, seatMs, (person) => this.#missing(person));
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

    /** Colyseus calls it as the state is set, with its own serializer. */
    override setSerializer(): void {
      super.setSerializer(new ViewSerializer(() => this.#crowd.inside()));
    }

    override async onCreate(options: unknown): Promise<void> {
      const { ref, epoch, standby } = createOptions.parse(options);
      this.ref = ref;
      if (standby) return this.#standBy(epoch);
      const { actor, claim } = await parts.activate(ref, epoch, this);
      this.roomId = claim.incarnation;
      await this.#show(actor);
      this.#serve(actor);
      const woken = this.#view?.woken(actor.state);
      if (woken) actor.note(woken);
    }

    /** Gets ready for a room that its present owner is about to hand over. */
    async #standBy(epoch: number): Promise<void> {
      const loaded = await parts.load(this.ref);
      if (loaded.epoch !== epoch) throw new DomainError("room_closed");
      this.#loaded = loaded;
      this.roomId = `${this.ref.kind}-${this.ref.id}_${epoch + 1}`;
      await this.#show(loaded);
      awake.stand(this, true);
      wheel.after(standbyMs, () => {
        awake.stand(this, false);
        this.abandon();
      });
    }

    async #show({ state, org, ref }: Pick<Loaded<Root>, "state" | "org" | "ref">): Promise<void> {
      this.#view = parts.createView(
        state,
        { org, ref, epoch: () => this.#tenure, note: (command) => this.#actor?.note(command) },
        (urgency) => this.#patches.mark(urgency),
        (messages) => this.#crowd.tell(messages),
      );
      this.state = this.#view.schema;
      this.#inner = innerView(this.#view);
      await this.setPrivate(true);
    }

    #serve(actor: RoomActor<Root>): void {
      this.#actor = actor;
      this.#log = roomLogger(parts.log, this.ref, () => actor.epoch);
      this.#log().info("room awake here");
      awake.add(this);
      this.#sleepWhenIdle();
    }

    async adopt({ epoch, sessions, awaited }: Adoption): Promise<readonly Seat[]> {
      const loaded = this.#loaded;
      if (loaded?.epoch !== epoch) throw new DomainError("room_closed");
      for (const { sessionId, auth } of sessions) this.#expected.seat(sessionId, auth.id);
      for (const person of awaited) this.#expected.person(person);
      // Asked again, because the answer was late: it is the same adoption.
      this.#adopting ??= this.#takeOver(loaded);
      await this.#adopting;
      const seats = sessions.map(({ sessionId, auth }) => ({ sessionId, auth, options: {} }));
      if (seats.length > 0) await matchMaker.reserveMultipleSeatsFor(this.#listed(), seats);
      return sessions.map(({ sessionId }) => this.#seatOf(sessionId));
    }

    async #takeOver(loaded: Loaded<Root>): Promise<void> {
      const { actor, claim, tail } = await parts.takeOver(loaded, loaded.epoch, this);
      if (claim.incarnation !== this.roomId) throw new DomainError("room_closed");
      this.#serve(actor);
      if (tail.length > 0) this.committed(tail, actor.state);
      for (const person of this.#expected.people())
        this.#patches.mark(this.#view?.present(person, true) ?? "none");
    }

    abandon(): void {
      if (this.#actor) return;
      awake.stand(this, false);
      this.#loaded = null;
      void this.disconnect(closeCodes.rejoin);
    }

    override async onJoin(client: RoomClient): Promise<void> {
      await this.#gate.passable();
      if (this.#isOver) throw refusedJoin(toRejection(new DomainError("room_closed")));
      const by = client.auth;
      const refusal = by ? this.#admit(by) : toRejection(new DomainError("unauthenticated"));
      if (!by || refusal) throw refusedJoin(refusal ?? toRejection(null));
      client.userData = new RateLimit(parts.commandsPerSecond);
      connections.add(by.session, client);
      if (!this.#expected.has(by.id)) parts.trace(by, this.ref, "room.joined");
      this.#seat(client, by);
      this.#greet(client, by);
    }

    override onDrop(client: RoomClient): void {
      // Whoever was sent away has no seat to come back to.
      if (!client.auth || this.#admit(client.auth)) return;
      if (this.#isOver) return;
      connections.remove(client.auth.session, client);
      this.#brokenAt.set(client.sessionId, performance.now());
      this.allowReconnection(client, reconnectSeconds).catch(() => {});
    }

    override onReconnect(client: RoomClient): void {
      const by = client.auth;
      if (by) this.#crowd.replace(client, by.id);
      if (this.#isOver) throw new DomainError("room_closed");
      if (!by || this.#admit(by)) throw new DomainError("session_ended");
      connections.add(by.session, client);
      this.#greet(client, by);
      const brokenAt = this.#brokenAt.get(client.sessionId);
      if (brokenAt !== undefined) watch.returned(performance.now() - brokenAt, "broken");
      this.#brokenAt.delete(client.sessionId);
    }

    override onLeave(client: RoomClient): void {
      this.#usedAt = performance.now();
      this.#brokenAt.delete(client.sessionId);
      const by = client.auth;
      if (!by) return;
      connections.remove(by.session, client);
      if (!this.#gate.left) parts.trace(by, this.ref, "room.left");
      if (this.#crowd.remove(client, by.id)) this.#missing(by.id);
      if (this.#gate.left && this.clients.length === 0) void this.disconnect();
      else this.#sleepWhenIdle();
    }

    /** Whatever is left when the process ends. */
    override onBeforeShutdown(): void {
      void this.disconnect(closeCodes.rejoin);
    }

    override onDispose(): void {
      this.#view?.stop();
      this.#patches.stop();
    }

    get epoch(): number {
      return this.#actor?.epoch ?? 0;
    }

    get #tenure(): number | null {
      return this.#actor && !this.#isOver && !parts.suspended() ? this.#actor.epoch : null;
    }

    get connected(): number {
      return this.clients.length;
    }

    get callers(): number {
      return this.#actor?.callers ?? 0;
    }

    get isFragile(): boolean {
      return this.#actor?.hasErrands === true;
    }

    async request(by: Principal, name: string, payload: unknown): Promise<object> {
      this.#usedAt = performance.now();
      if (parts.suspended()) throw new DomainError("busy", undefined, { retryAfterMs: suspendedRetryMs });
      return this.#gate.pass({ ref: this.ref, by, name, payload }, async () => {
        if (!this.#actor || !this.#view) throw new DomainError("room_closed");
        if (by.org !== this.#actor.org) throw new DomainError("room_not_found");
        const passed = this.#view.ephemeral(name, payload, by, this.#actor.state);
        if (passed === null) return this.#actor.request(by, name, payload);
        if (typeof passed !== "string") return passed;
        this.#patches.mark(passed);
        return {};
      });
    }

    async reserve(by: Principal): Promise<Seat> {
      await this.#gate.passable();
      if (!this.#actor || this.#isOver) throw new DomainError("room_closed");
      const { sessionId } = await matchMaker.reserveSeatFor(this.#listed(), {}, by);
      return this.#seatOf(sessionId);
    }

    async seal(): Promise<void> {
      const sealed = this.#actor?.seal() ?? Promise.resolve();
      awake.leave(this, sealed);
      await sealed;
    }

    async verify(): Promise<void> {
      if (!this.#actor || this.#gate.shut || this.#gate.left) return;
      if (!(await this.#actor.isOwner()) && !this.#gate.shut) this.#actor.end("fenced");
    }

    async freeze(withinMs: number) {
      if (!this.#actor || this.#gate.shut || this.#gate.left) return null;
      this.#gate.close();
      const stand = await this.#actor.freeze(withinMs);
      if (!stand) {
        this.#gate.open();
        return null;
      }
      const sessions = this.clients.flatMap(({ sessionId, auth }) => (auth ? [{ sessionId, auth }] : []));
      const seated = new Set(sessions.map(({ auth }) => auth.id));
      const absent = [...this.#crowd.keys(), ...this.#expected.people()];
      return { ...stand, sessions, awaited: [...new Set(absent)].filter((person) => !seated.has(person)) };
    }

    async thaw(): Promise<boolean> {
      const ours = (await this.#actor?.thaw()) ?? false;
      if (ours) this.#gate.open();
      return ours;
    }

    leaveTo(seats: readonly Seat[], forward: Forward): void {
      this.#gate.leadTo(forward);
      awake.leave(this, Promise.resolve());
      this.#actor?.end("moved");
      const bySession = new Map(seats.map((seat) => [seat.sessionId, seat]));
      for (const client of [...this.clients]) {
        const seat = bySession.get(client.sessionId);
        if (seat) client.enqueueRaw(messageFrame(serverMessages.moved, { seat }));
        else client.leave(closeCodes.rejoin);
      }
      if (this.clients.length === 0) void this.disconnect();
      else wheel.after(lingerMs, () => void this.disconnect(closeCodes.rejoin));
    }

    leave(): void {
      this.#actor?.end("fenced");
      this.#gate.open();
    }

    committed(events: readonly Recorded[], state: Root): void {
      const view = this.#view;
      if (!view) return;
      const urgency = view.show(state, events);
      const delivered = view.deliver(events);
      if (delivered.length > 0) this.#crowd.sendInside(messageFrame(serverMessages.events, delivered));
      for (const person of view.affected(events)) this.#reconsider(person);
      this.#crowd.tell(view.personal(events, state, this.#crowd));
      for (const person of view.placed(events)) this.#missing(person);
      this.#patches.mark(urgency);
    }

    closed(reason: Ending): void {
      this.#ended = true;
      this.#log().info({ reason }, "room closed here");
      if (reason === "moved") return;
      awake.leave(this, Promise.resolve());
      void this.disconnect(closeCodes.rejoin);
    }

    /** Whoever comes now has to look for the room elsewhere. */
    get #isOver(): boolean {
      return this.#ended || this.#gate.left;
    }

    /** A sign-in may end between a seat and its use, and while a client that was told to go does not go. */
    #admit(by: Principal): Rejection | null {
      if (!sessionAlive(by.session)) return toRejection(new DomainError("session_ended"));
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
      if (!by) throw new DomainError("room_closed");
      if (!sessionAlive(by.session)) throw new DomainError("session_ended");
      const retryAfterMs = client.userData?.take() ?? 0;
      if (retryAfterMs > 0) throw new DomainError("rate_limited", undefined, { retryAfterMs });
      return this.request(by, name, payload);
    }

    #refuse(client: RoomClient, requestId: number | null, name: string, error: unknown): void {
      if (!(error instanceof DomainError))
        this.#log().error({ err: error, request: name }, "a request failed");
      const rejection = toRejection(error);
      watch.refused(rejection.code);
      client.raw(
        requestId === null
          ? messageFrame(serverMessages.error, { re: name, ...rejection })
          : rejectionFrame(requestId, rejection),
      );
      if (client.userData?.abusive) client.leave(closeCodes.abusive);
    }

    #greet(client: RoomClient, by: Principal): void {
      if (!this.#view || !this.#actor) return;
      for (const { name, payload } of this.#view.greet(this.#actor.state, by)) {
        client.enqueueRaw(messageFrame(name, payload));
      }
    }

    #seat(client: RoomClient, by: Principal): void {
      const expected = this.#expected.has(by.id);
      const followedMs = this.#expected.arrived(client.sessionId, by.id);
      if (followedMs !== null) watch.returned(followedMs, "moved");
      const first = this.#crowd.add(client, by.id);
      if (this.#actor && this.#view?.isInsider(this.#actor.state, by)) {
        this.#crowd.letIn(client);
        if (this.#inner) client.view = this.#inner;
      }
      if (first && !expected) this.#notePresence(by.id, true);
    }

    /** Somebody has gone, has not followed the room here, or has been given a place without being here. */
    #missing(person: string): void {
      if (!this.#crowd.has(person) && !this.#expected.has(person)) this.#notePresence(person, false);
    }

    #seatOf(sessionId: string): Seat {
      return { name: this.ref.kind, sessionId, roomId: this.roomId, ...parts.address() };
    }

    #listed() {
      return initializeRoomCache({ name: this.ref.kind, roomId: this.roomId });
    }

    #notePresence(person: string, online: boolean): void {
      if (this.#gate.shut) return void this.#noteLater(person);
      this.#patches.mark(this.#view?.present(person, online) ?? "none");
      const command = this.#view?.presence(person, online);
      if (command) this.#actor?.note(command);
    }

    /** Where the room goes on here, it notes how it is by then. */
    async #noteLater(person: string): Promise<void> {
      await this.#gate.passable();
      if (!this.#gate.left) this.#notePresence(person, this.#crowd.has(person));
    }

    /** Whoever may no longer be here goes; whoever has been let in sees the rest from now on. */
    #reconsider(person: string): void {
      const view = this.#view;
      const actor = this.#actor;
      if (!view || !actor) return;
      for (const client of this.#crowd.of(person)) {
        const by = client.auth;
        if (!by || view.admit(actor.state, by)) client.leave(closeCodes.removed);
        else if (view.isInsider(actor.state, by)) this.#letIn(client);
        else if (this.#crowd.isInside(client)) client.leave(closeCodes.rejoin);
      }
    }

    #letIn(client: RoomClient): void {
      if (this.#crowd.isInside(client)) return;
      this.#crowd.letIn(client);
      if (!this.#inner) return;
      // What changed until now is in the full state: a patch of it would speak of what the client does not have.
      this.broadcastPatch();
      client.view = this.#inner;
      client.raw(this.#fullState(client));
    }

    /** Colyseus sends it on joining alone, but its clients take it at any time. */
    #fullState(client: RoomClient): Uint8Array {
      const serializer: { getFullState(client: RoomClient): Uint8Array } = Reflect.get(this, "_serializer");
      return serializer.getFullState(client);
    }

    #sleepWhenIdle(): void {
      if (this.clients.length > 0) return;
      wheel.after(parts.idleMs, () => {
        if (this.clients.length > 0 || awake.find(this.ref) !== this) return;
        const used = performance.now() - this.#usedAt < parts.idleMs;
        if (used || this.#actor?.isIdle === false) this.#sleepWhenIdle();
        else void this.seal();
      });
    }
  };
}

function innerView({ schema, inner }: Pick<RoomView<unknown>, "schema" | "inner">): StateView | null {
  if (!inner) return null;
  const view = new StateView();
  view.add(schema);
  for (const collection of inner) view.subscribe(collection);
  return view;
}

/** A join's refusal, as the matchmaker and the socket both can carry it. */
export function refusedJoin({ code, message }: Rejection): ServerError {
  return new ServerError(httpStatus[code], `${code}: ${message}`);
}
