import { initializeRoomCache, matchMaker, Room } from "@colyseus/core";
import { z } from "zod";
import { DomainError, type Rejection, toRejection } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { type RoomRef, roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import { roomLogger } from "../../core/platform/logger.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import { type Seat, serverMessages } from "../../core/protocol/events.ts";
import type { Loaded } from "../actor/activation.ts";
import type { Ending, RoomActor, RoomListener } from "../actor/room-actor.ts";
import type { AwakeRoom, StandbyRoom } from "../cluster/awake-rooms.ts";
import type { Adoption } from "../cluster/bus.ts";
import { Attendance } from "./attendance.ts";
import { Crowd, type RoomClient } from "./crowd.ts";
import { messageFrame } from "./frames.ts";
import { type Forward, Gate } from "./gate.ts";
import { IdleWatch } from "./idle-watch.ts";
import { Inbox } from "./inbox.ts";
import { PatchSchedule } from "./patch-schedule.ts";
import { RateLimit } from "./rate-limit.ts";
import { refusedJoin } from "./refused-join.ts";
import type { ActorRoomParts } from "./room-parts.ts";
import { Showing } from "./showing.ts";
import { Standby } from "./standby.ts";
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
/** How long a room that was to come over is kept ready, */
const standbyMs = 15_000;
/** how long seats are kept for those who were in it, */
const seatMs = 15_000;
/** and how long connections may stay where it was. */
const lingerMs = 10_000;
const suspendedRetryMs = 500;

/**
 * The Colyseus room around an actor: how it begins, is joined, moves, and ends. What comes in goes through the gate to
 * the actor (`Inbox`), what is durable is shown (`Showing`) to those who are here (`Attendance`); it decides nothing.
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
    #standby: Standby<Root> | null = null;
    #showing: Showing<Root> | null = null;
    /** Its lines carry the room's address and epoch. */
    #log = () => parts.log;
    /** The actor has ended. Colyseus may take long to let go of the room, where Redis does not answer. */
    #ended = false;
    readonly #gate = new Gate();
    readonly #crowd = new Crowd(() => this.#log());
    readonly #patches = new PatchSchedule(wheel, () => this.broadcastPatch());
    readonly #attendance = new Attendance({
      wheel,
      crowd: this.#crowd,
      gate: this.#gate,
      connections,
      watch,
      seatMs,
      present: (person, online) => this.#present(person, online),
      trace: (by, what) => parts.trace(by, this.ref, what),
    });
    readonly #inbox = new Inbox({
      crowd: this.#crowd,
      watch,
      log: () => this.#log(),
      request: (by, name, payload) => this.request(by, name, payload),
    });
    readonly #idle = new IdleWatch({
      wheel,
      idleMs: parts.idleMs,
      occupied: () => this.clients.length > 0 || awake.find(this.ref) !== this,
      busy: () => this.#actor?.isIdle === false,
      sleep: () => void this.seal(),
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
      const woken = this.#showing?.view.woken(actor.state);
      if (woken) actor.note(woken);
    }

    /** Gets ready for a room that its present owner is about to hand over. */
    async #standBy(epoch: number): Promise<void> {
      const loaded = await parts.load(this.ref);
      if (loaded.epoch !== epoch) throw new DomainError("room_closed");
      this.#standby = new Standby(loaded, (it) => this.#takeOver(it));
      this.roomId = `${this.ref.kind}-${this.ref.id}_${epoch + 1}`;
      await this.#show(loaded);
      awake.stand(this, true);
      wheel.after(standbyMs, () => {
        awake.stand(this, false);
        this.abandon();
      });
    }

    async #show({ state, org, ref }: Pick<Loaded<Root>, "state" | "org" | "ref">): Promise<void> {
      const view = parts.createView(
        state,
        { org, ref, epoch: () => this.#tenure, note: (command) => this.#actor?.note(command) },
        (urgency) => this.#patches.mark(urgency),
        (messages) => this.#crowd.tell(messages),
      );
      this.#showing = new Showing({
        view,
        crowd: this.#crowd,
        patches: this.#patches,
        patch: () => this.broadcastPatch(),
        fullState: (client) => this.#fullState(client),
      });
      this.state = view.schema;
      await this.setPrivate(true);
    }

    #serve(actor: RoomActor<Root>): void {
      this.#actor = actor;
      this.#log = roomLogger(parts.log, this.ref, () => actor.epoch);
      this.#log().info("room awake here");
      awake.add(this);
      this.#idle.watch();
    }

    async adopt({ epoch, sessions, awaited }: Adoption): Promise<readonly Seat[]> {
      if (!this.#standby?.awaits(epoch)) throw new DomainError("room_closed");
      this.#attendance.expect({ sessions, awaited });
      await this.#standby.arrive();
      const seats = sessions.map(({ sessionId, auth }) => ({ sessionId, auth, options: {} }));
      if (seats.length > 0) await matchMaker.reserveMultipleSeatsFor(this.#listed(), seats);
      return sessions.map(({ sessionId }) => this.#seatOf(sessionId));
    }

    async #takeOver(loaded: Loaded<Root>): Promise<void> {
      const { actor, claim, tail } = await parts.takeOver(loaded, loaded.epoch, this);
      if (claim.incarnation !== this.roomId) throw new DomainError("room_closed");
      this.#serve(actor);
      if (tail.length > 0) this.committed(tail, actor.state);
      for (const person of this.#attendance.expected()) this.#showing?.present(person, true);
    }

    abandon(): void {
      if (!this.#standby?.abandon()) return;
      awake.stand(this, false);
      void this.disconnect(closeCodes.rejoin);
    }

    override async onJoin(client: RoomClient): Promise<void> {
      await this.#gate.passable();
      if (this.#isOver || !this.#actor) throw refusedJoin(toRejection(new DomainError("room_closed")));
      const by = client.auth;
      const refusal = by ? this.#admit(by) : toRejection(new DomainError("unauthenticated"));
      if (!by || refusal) throw refusedJoin(refusal ?? toRejection(null));
      client.userData = new RateLimit(parts.commandsPerSecond);
      this.#attendance.came(client, by);
      this.#showing?.seat(client, by, this.#actor.state);
    }

    override onDrop(client: RoomClient): void {
      // Whoever was sent away has no seat to come back to.
      if (!client.auth || !sessionAlive(client.auth.session) || this.#admit(client.auth)) return;
      if (this.#isOver) return;
      this.#idle.used();
      this.#attendance.broke(client, client.auth);
      this.allowReconnection(client, reconnectSeconds).catch(() => {});
    }

    override onReconnect(client: RoomClient): void {
      const by = client.auth;
      if (by) this.#crowd.replace(client, by.id);
      if (this.#isOver || !this.#actor) throw new DomainError("room_closed");
      if (!by || !sessionAlive(by.session) || this.#admit(by)) throw new DomainError("session_ended");
      this.#attendance.cameBack(client, by);
      this.#showing?.greet(client, by, this.#actor.state);
    }

    override onLeave(client: RoomClient): void {
      this.#idle.used();
      if (!client.auth) return;
      this.#attendance.left(client, client.auth);
      if (this.#gate.left && this.clients.length === 0) void this.disconnect();
      else this.#idle.watch();
    }

    /** Whatever is left when the process ends. */
    override onBeforeShutdown(): void {
      void this.disconnect(closeCodes.rejoin);
    }

    override onDispose(): void {
      this.#showing?.view.stop();
      this.#patches.stop();
      this.#idle.stop();
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
      this.#idle.used();
      if (parts.suspended()) throw new DomainError("busy", undefined, { retryAfterMs: suspendedRetryMs });
      return this.#gate.pass({ ref: this.ref, by, name, payload }, async () => {
        if (!this.#actor || !this.#showing) throw new DomainError("room_closed");
        if (by.org !== this.#actor.org) throw new DomainError("room_not_found");
        const passed = this.#showing.view.ephemeral(name, payload, by, this.#actor.state);
        if (passed === null) return this.#actor.request(by, name, payload);
        if (typeof passed !== "string") return passed;
        this.#patches.mark(passed);
        return {};
      });
    }

    async reserve(by: Principal): Promise<Seat> {
      this.#idle.used();
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
      return { ...stand, sessions, awaited: this.#attendance.absent(seated) };
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
      this.#showing?.committed(events, state);
      for (const person of this.#showing?.view.placed(events) ?? []) this.#attendance.missing(person);
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

    #admit(by: Principal): Rejection | null {
      if (!this.#actor || !this.#showing) return toRejection(new DomainError("room_closed"));
      if (by.org !== this.#actor.org) return toRejection(new DomainError("room_not_found"));
      return this.#showing.view.admit(this.#actor.state, by);
    }

    /** Shows that somebody is here or has gone, and has the room note it where it records that. */
    #present(person: string, online: boolean): void {
      this.#showing?.present(person, online);
      const command = this.#showing?.view.presence(person, online);
      if (command) this.#actor?.note(command);
    }

    #seatOf(sessionId: string): Seat {
      return { name: this.ref.kind, sessionId, roomId: this.roomId, ...parts.address() };
    }

    #listed() {
      return initializeRoomCache({ name: this.ref.kind, roomId: this.roomId });
    }

    /** Colyseus sends it on joining alone, but its clients take it at any time. */
    #fullState(client: RoomClient): Uint8Array {
      const serializer: { getFullState(client: RoomClient): Uint8Array } = Reflect.get(this, "_serializer");
      return serializer.getFullState(client);
    }
  };
}
