import { DomainError, type Rejection, toRejection } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { roomLogger } from "../../core/platform/logger.ts";
import { closeCodes } from "../../core/protocol/codes.ts";
import type { Seat } from "../../core/protocol/events.ts";
import type { Loaded } from "../actor/activation.ts";
import type { Ending, RoomActor, RoomListener } from "../actor/room-actor.ts";
import type { AwakeRoom, StandbyRoom } from "../cluster/awake-rooms.ts";
import type { Adoption } from "../cluster/bus.ts";
import { Attendance } from "./attendance.ts";
import { Crowd } from "./crowd.ts";
import { Departure } from "./departure.ts";
import { type Forward, Gate } from "./gate.ts";
import { IdleWatch } from "./idle-watch.ts";
import { PatchSchedule } from "./patch-schedule.ts";
import type { ActorRoomParts } from "./room-parts.ts";
import type { Shell } from "./shell.ts";
import { Showing } from "./showing.ts";
import { Standby } from "./standby.ts";

/** How long a room that was to come over is kept ready, */
const standbyMs = 15_000;
/** and how long seats are kept for those who were in it (ms). */
const seatMs = 15_000;
const suspendedRetryMs = 500;

/**
 * A room on this process from its beginning to its end: it wakes or is taken over, is asked through its gate, shows what
 * its actor has made durable, and sleeps or goes elsewhere. It decides nothing.
 */
export class RoomLife<Root> implements RoomListener<Root>, AwakeRoom, StandbyRoom {
  readonly ref: RoomRef;
  readonly crowd: Crowd;
  readonly gate = new Gate();
  readonly attendance: Attendance;
  readonly idle: IdleWatch;
  readonly #parts: ActorRoomParts<Root>;
  readonly #shell: Shell;
  readonly #patches: PatchSchedule;
  readonly #departure: Departure;
  #actor: RoomActor<Root> | null = null;
  #standby: Standby<Root> | null = null;
  #showing: Showing<Root> | null = null;
  /** The actor has ended. Colyseus may take long to let go of the room, where Redis does not answer. */
  #ended = false;
  /** Its lines carry the room's address and epoch. */
  log = () => this.#parts.log;

  constructor(ref: RoomRef, parts: ActorRoomParts<Root>, shell: Shell) {
    const { wheel, connections, watch, awake } = parts;
    this.ref = ref;
    this.#parts = parts;
    this.#shell = shell;
    this.crowd = new Crowd(() => this.log());
    this.#patches = new PatchSchedule(wheel, shell.patch);
    this.attendance = new Attendance({
      wheel,
      crowd: this.crowd,
      gate: this.gate,
      connections,
      watch,
      seatMs,
      present: (person, online) => this.#present(person, online),
      trace: (by, what) => parts.trace(by, ref, what),
    });
    this.#departure = new Departure({
      actor: () => this.#actor,
      gate: this.gate,
      attendance: this.attendance,
      shell,
      wheel,
    });
    this.idle = new IdleWatch({
      wheel,
      idleMs: parts.idleMs,
      occupied: () => this.connected > 0 || awake.find(ref) !== this,
      busy: () => this.#actor?.isIdle === false,
      sleep: () => void this.seal(),
    });
  }

  /** Wakes the room here, from its owner of that epoch. */
  async wake(epoch: number): Promise<void> {
    const { actor, claim } = await this.#parts.activate(this.ref, epoch, this);
    this.#shell.rename(claim.incarnation);
    await this.#show(actor);
    this.#serve(actor);
    const woken = this.#showing?.view.woken(actor.state);
    if (woken) actor.note(woken);
  }

  /** Gets ready for a room that its present owner is about to hand over. */
  async standBy(epoch: number): Promise<void> {
    const { load, awake, wheel } = this.#parts;
    const loaded = await load(this.ref);
    if (loaded.epoch !== epoch) throw new DomainError("room_closed");
    this.#standby = new Standby(loaded, (it) => this.#takeOver(it));
    this.#shell.rename(incarnationAfter(loaded));
    await this.#show(loaded);
    awake.stand(this, true);
    wheel.after(standbyMs, () => {
      awake.stand(this, false);
      this.abandon();
    });
  }

  async adopt({ epoch, sessions, awaited }: Adoption): Promise<readonly Seat[]> {
    if (!this.#standby?.awaits(epoch)) throw new DomainError("room_closed");
    this.attendance.expect({ sessions, awaited });
    await this.#standby.arrive();
    const places = sessions.length > 0 ? await this.#shell.reserveAll(sessions) : [];
    return places.map((place) => ({ ...place, ...this.#parts.address() }));
  }

  async #takeOver(loaded: Loaded<Root>): Promise<void> {
    const { actor, claim, tail } = await this.#parts.takeOver(loaded, loaded.epoch, this);
    if (claim.incarnation !== incarnationAfter(loaded)) throw new DomainError("room_closed");
    this.#serve(actor);
    if (tail.length > 0) this.committed(tail, actor.state);
    for (const person of this.attendance.expected()) this.#showing?.present(person, true);
  }

  abandon(): void {
    if (!this.#standby?.abandon()) return;
    this.#parts.awake.stand(this, false);
    this.#shell.close(closeCodes.rejoin);
  }

  async #show({ state, org, ref }: Pick<Loaded<Root>, "state" | "org" | "ref">): Promise<void> {
    const { patch, fullState } = this.#shell;
    const view = this.#parts.createView(
      state,
      { org, ref, epoch: () => this.#tenure, note: (command) => this.#actor?.note(command) },
      (urgency) => this.#patches.mark(urgency),
      (messages) => this.crowd.tell(messages),
    );
    // First: a view of a schema can be made only once that has its encoder.
    this.#shell.keep(view.schema);
    this.#showing = new Showing({ view, crowd: this.crowd, patches: this.#patches, patch, fullState });
    await this.#shell.hide();
  }

  #serve(actor: RoomActor<Root>): void {
    this.#actor = actor;
    this.log = roomLogger(this.#parts.log, this.ref, () => actor.epoch);
    this.log().info("room awake here");
    this.#parts.awake.add(this);
    this.idle.watch();
  }

  get epoch(): number {
    return this.#actor?.epoch ?? 0;
  }

  get #tenure(): number | null {
    return this.#actor && !this.isOver && !this.#parts.suspended() ? this.#actor.epoch : null;
  }

  get connected(): number {
    return this.#shell.clients().length;
  }

  get callers(): number {
    return this.#actor?.callers ?? 0;
  }

  get isFragile(): boolean {
    return this.#actor?.hasErrands === true;
  }

  /** Whoever comes now has to look for the room elsewhere. */
  get isOver(): boolean {
    return this.#ended || this.gate.left;
  }

  /** What is shown, and the durable state behind it; null: the room is not awake here, or not any more. */
  get open(): { readonly showing: Showing<Root>; readonly actor: RoomActor<Root> } | null {
    const actor = this.#actor;
    const showing = this.#showing;
    return actor && showing && !this.isOver ? { actor, showing } : null;
  }

  /** Whether somebody may be here. */
  refusal(by: Principal): Rejection | null {
    if (!this.#actor || !this.#showing) return toRejection(new DomainError("room_closed"));
    if (by.org !== this.#actor.org) return toRejection(new DomainError("room_not_found"));
    return this.#showing.view.admit(this.#actor.state, by);
  }

  async request(by: Principal, name: string, payload: unknown): Promise<object> {
    this.idle.used();
    if (this.#parts.suspended()) {
      throw new DomainError("busy", undefined, { retryAfterMs: suspendedRetryMs });
    }
    return this.gate.pass({ ref: this.ref, by, name, payload }, async () => {
      if (!this.#actor || !this.#showing) throw new DomainError("room_closed");
      if (by.org !== this.#actor.org) throw new DomainError("room_not_found");
      const passed = this.#showing.pass(name, payload, by, this.#actor.state);
      return passed ?? this.#actor.request(by, name, payload);
    });
  }

  async reserve(by: Principal): Promise<Seat> {
    this.idle.used();
    await this.gate.passable();
    if (!this.open) throw new DomainError("room_closed");
    return { ...(await this.#shell.reserve(by)), ...this.#parts.address() };
  }

  async seal(): Promise<void> {
    const sealed = this.#actor?.seal() ?? Promise.resolve();
    this.#parts.awake.leave(this, sealed);
    await sealed;
  }

  async verify(): Promise<void> {
    if (!this.#actor || this.gate.shut || this.gate.left) return;
    if (!(await this.#actor.isOwner()) && !this.gate.shut) this.#actor.end("fenced");
  }

  freeze(withinMs: number) {
    return this.#departure.freeze(withinMs);
  }

  thaw(): Promise<boolean> {
    return this.#departure.thaw();
  }

  leaveTo(seats: readonly Seat[], forward: Forward): void {
    this.#parts.awake.leave(this, Promise.resolve());
    this.#departure.leaveTo(seats, forward);
  }

  leave(): void {
    this.#departure.leave();
  }

  committed(events: readonly Recorded[], state: Root): void {
    this.#showing?.committed(events, state);
    for (const person of this.#showing?.view.placed(events) ?? []) this.attendance.missing(person);
  }

  closed(reason: Ending): void {
    this.#ended = true;
    this.log().info({ reason }, "room closed here");
    if (reason === "moved") return;
    this.#parts.awake.leave(this, Promise.resolve());
    this.#shell.close(closeCodes.rejoin);
  }

  /** Nothing of it is left on the process's timers. */
  dispose(): void {
    this.#showing?.view.stop();
    this.#patches.stop();
    this.idle.stop();
  }

  /** Shows that somebody is here or has gone, and has the room note it where it records that. */
  #present(person: string, online: boolean): void {
    this.#showing?.present(person, online);
    const command = this.#showing?.view.presence(person, online);
    if (command) this.#actor?.note(command);
  }
}

/** The Colyseus roomId under which the room goes on here, once it is claimed. */
function incarnationAfter({ ref, epoch }: Pick<Loaded<unknown>, "ref" | "epoch">): string {
  return `${ref.kind}-${ref.id}_${epoch + 1}`;
}
