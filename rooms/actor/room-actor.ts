import { DomainError } from "../../core/domain/errors.ts";
import type { Command, Recorded } from "../../core/domain/feature.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { macOf } from "../../core/platform/crypto/data-keys.ts";
import { asUnavailable } from "../../core/platform/database/away.ts";
import { type Logger, roomLogger } from "../../core/platform/logger.ts";
import type { ActorPorts, ActorSeed } from "./actor-ports.ts";
import { AppendLoop } from "./append-loop.ts";
import { Duties } from "./duties.ts";
import { Intake } from "./intake.ts";
import { reclaim } from "./ownership.ts";
import type { RoomKind } from "./room-kind.ts";
import { type RoomWatch, unwatched } from "./room-watch.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { Submissions } from "./submissions.ts";

/** Whoever shows the room. Called for what is durable, in order, and once when the room ends here. */
export interface RoomListener<Root> {
  committed(events: readonly Recorded[], state: Root): void;
  closed(reason: Ending): void;
}

/** `fenced`: another owner has the room. `sealed`: it sleeps. `moved`: handed over in good order. */
export type Ending = "fenced" | "sealed" | "moved";

/** Where a room stands while it takes nothing: everything up to `seq` is durable, and nothing is under way. */
export interface Standstill {
  readonly epoch: number;
  readonly seq: number;
}

const patienceMs = 10_000;

/**
 * A room that is awake here: guard → decide → journal → evolve → show. Requests come in through `Intake` and
 * `Submissions`, `AppendLoop` decides and makes them durable, and what is durable is shown; `Duties` is what the room
 * does by itself. Here is how it begins, comes to a stand, and ends.
 */
export class RoomActor<Root> {
  readonly ref: RoomRef;
  readonly org: string;
  readonly #kind: RoomKind<Root>;
  readonly #seed: ActorSeed<Root>;
  readonly #ports: ActorPorts;
  readonly #listener: RoomListener<Root>;
  readonly #intake: Intake<Root>;
  readonly #submissions: Submissions;
  readonly #loop: AppendLoop<Root>;
  readonly #duties: Duties<Root>;
  readonly #snapshots: SnapshotKeeper;
  readonly #watch: RoomWatch;
  /** Its lines carry the room's address and epoch. */
  readonly #log: () => Logger;
  #stage: "open" | "sealing" | "closed" = "open";
  #settling: (() => void)[] = [];

  constructor(kind: RoomKind<Root>, seed: ActorSeed<Root>, ports: ActorPorts, listener: RoomListener<Root>) {
    this.ref = seed.ref;
    this.org = seed.org;
    this.#kind = kind;
    this.#seed = seed;
    this.#ports = ports;
    this.#listener = listener;
    const watch = ports.watch ?? unwatched;
    const log = roomLogger(ports.log, seed.ref, () => this.epoch);
    this.#watch = watch;
    this.#log = log;
    this.#duties = new Duties({
      kind,
      seed,
      ports,
      log,
      issue: (command) => this.#issue(command),
      open: () => this.#stage === "open",
    });
    this.#loop = new AppendLoop({
      kind,
      seed,
      ports,
      watch,
      log,
      patienceMs: ports.patienceMs ?? patienceMs,
      wakeTime: (state, now) => this.#duties.wakeTime(state, now),
      landed: (events, before) => this.#show(events, before),
      settled: () => this.#settled(),
      fenced: () => this.#close("fenced"),
    });
    this.#submissions = new Submissions({
      waiting: () => this.#loop.waiting,
      take: (asking) => this.#loop.decide(asking),
      prepared: () => this.#loop.flush(),
      acknowledged: (afterMs) => watch.acknowledged(afterMs),
    });
    this.#intake = new Intake(kind, seed.key, ports.wheel, () => this.state);
    this.#snapshots = new SnapshotKeeper(seed, { snapshots: ports.snapshots, log });
    this.#duties.follow(seed.state);
  }

  /** The durable state: what may be shown. */
  get state(): Root {
    return this.#loop.state;
  }

  get seq(): number {
    return this.#loop.seq;
  }

  get epoch(): number {
    return this.#loop.claim.epoch;
  }

  /** Nothing is left that this room has to have done elsewhere. */
  get isIdle(): boolean {
    return !this.hasErrands && this.#loop.isSettled;
  }

  /** How many are in the call of this room. */
  get callers(): number {
    return this.#kind.callers?.(this.state) ?? 0;
  }

  /** Something of this room is under way in another one. */
  get hasErrands(): boolean {
    return !this.#duties.idle;
  }

  /** What the room notes by itself: that somebody has come or gone. */
  note(command: Command): void {
    void this.#duties.note(command);
  }

  /**
   * Takes a request from anywhere (socket, REST, system). Resolves with its reply once it is durable;
   * throws DomainError when it is refused.
   */
  async request(by: Principal, name: string, payload: unknown): Promise<object> {
    try {
      return await this.#take(by, name, payload);
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  async #take(by: Principal, name: string, payload: unknown): Promise<object> {
    if (this.#stage !== "open") throw new DomainError("room_closed");
    if (by.org !== this.org) throw new DomainError("room_not_found");
    const guard = Object.hasOwn(this.#kind.requests, name) ? this.#kind.requests[name] : undefined;
    if (!guard) throw new DomainError("unknown_request");
    const mac = (text: string) => macOf(this.#seed.key, text);
    const asked = { ref: this.ref, by, state: this.#loop.draft, mac };
    // Whoever reads is shown what is durable.
    if (guard.type === "query") return guard.ask(payload, { ...asked, state: this.state });
    return this.#intake.take(guard, name, payload, asked, this.#submissions.submit);
  }

  /** Ends the room here in good order: takes nothing more, flushes, seals a snapshot, and says that it sleeps. */
  async seal(): Promise<void> {
    if (this.#stage !== "open") return;
    this.#stage = "sealing";
    if (!(await this.#standstill())) return;
    await this.#snapshots.save(this.seq, this.#kind.store(this.state));
    // Where that cannot be said, whoever wakes the room finds out by itself.
    await this.#ports.owners.release(this.ref, this.epoch).catch(() => {});
    this.#close("sealed");
  }

  /**
   * Takes nothing more and flushes, so that another process can take the room over where it stands. null: it does not
   * come to a stand in time, and goes on, or has ended.
   */
  async freeze(withinMs: number): Promise<Standstill | null> {
    if (this.#stage !== "open") return null;
    this.#stage = "sealing";
    let patient = true;
    const cancel = this.#ports.wheel.after(withinMs, () => {
      patient = false;
      this.#settled();
    });
    const stands = await this.#standstill(() => patient);
    cancel();
    if (stands) return { epoch: this.epoch, seq: this.seq };
    if (!this.#isClosed()) this.#reopen();
    return null;
  }

  /**
   * Goes on after a hand-over that may have failed: only if the room can be claimed again, so that whoever was to
   * have it cannot any more. False: it has it. Throws when the database cannot be asked.
   */
  async thaw(): Promise<boolean> {
    if (this.#stage !== "sealing") return false;
    const claim = await reclaim(this.#ports.owners, this.ref, this.#ports.process, this.#loop.claim);
    if (!claim || this.#isClosed()) return false;
    this.#reopen(claim);
    return true;
  }

  /** Ends the room here: another process has it. */
  end(reason: Ending): void {
    this.#close(reason);
  }

  /** Whether the database still has this incarnation as the room's owner. Throws when it cannot be asked. */
  async isOwner(): Promise<boolean> {
    const owner = await this.#ports.owners.find(this.ref);
    return owner?.incarnation === this.#loop.claim.incarnation;
  }

  /**
   * Waits until everything that was taken is durable or refused. From then on nothing is decided: what was put off until
   * now, such as a gathered cursor, must not be written any more. False: the room has ended, or nobody waits any longer.
   */
  async #standstill(patient = () => true): Promise<boolean> {
    while (!this.#isClosed() && patient()) {
      if (this.#loop.isSettled && this.#submissions.preparing === 0) {
        this.#loop.hold();
        return true;
      }
      await new Promise<void>((resolve) => this.#settling.push(resolve));
    }
    return false;
  }

  #settled(): void {
    for (const settled of this.#settling.splice(0)) settled();
  }

  #reopen(claim = this.#loop.claim): void {
    this.#stage = "open";
    this.#loop.resume(claim);
    this.#duties.follow(this.state);
  }

  /**
   * Something durable is new here, of this process's own: the room was as `before`. Whatever goes wrong with showing
   * it, it is durable, and whoever asked for it is answered.
   */
  #show(events: readonly Recorded[], before: Root): void {
    try {
      for (const fact of this.#kind.facts?.(before, events) ?? []) this.#watch.called(fact);
      if (events.length > 0) this.#listener.committed(events, this.state);
      this.#snapshots.consider(this.seq, () => this.#kind.store(this.state));
    } catch (err) {
      this.#log().error({ err }, "what is durable could not be shown");
    }
    this.#duties.follow(this.state);
  }

  /** A command of the room's own. */
  #issue(command: Command): Promise<unknown> {
    if (this.#stage !== "open") return Promise.reject(new DomainError("room_closed"));
    const mac = command.id === null ? null : macOf(this.#seed.key, command.name);
    return this.#submissions.submit(systemPrincipal(this.org), command, mac);
  }

  #close(reason: Ending): void {
    if (this.#isClosed()) return;
    this.#stage = "closed";
    this.#duties.stop();
    this.#loop.stop();
    this.#settled();
    this.#listener.closed(reason);
  }

  #isClosed(): boolean {
    return this.#stage === "closed";
  }
}
