import { DomainError, rejection, toDomainError } from "../../core/domain/errors.ts";
import type { Command, Recorded } from "../../core/domain/feature.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Clock } from "../../core/platform/clock.ts";
import { type DataKey, macOf } from "../../core/platform/crypto/data-keys.ts";
import { asUnavailable, awayRetryMs } from "../../core/platform/database/away.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import type { GroupCommit } from "../../core/platform/journal/group-commit.ts";
import type { JournalStore, RoomPart } from "../../core/platform/journal/journal-store.ts";
import { type Logger, roomLogger } from "../../core/platform/logger.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import { Deadline } from "./deadline.ts";
import { type Deliver, ErrandRunner } from "./errand-runner.ts";
import { Intake, type Submit } from "./intake.ts";
import { type Decided, Ledger } from "./ledger.ts";
import { type Claim, reclaim } from "./ownership.ts";
import { type Asking, dismissLate, mend, resolveRecorded } from "./recovery.ts";
import type { RoomKind } from "./room-kind.ts";
import { type RoomWatch, unwatched } from "./room-watch.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** What every actor of a process works with. */
export interface ActorPorts {
  readonly process: string;
  readonly commits: GroupCommit;
  readonly journal: JournalStore;
  readonly owners: RoomOwners;
  readonly snapshots: Snapshots;
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly watch?: RoomWatch;
  /** The way to other rooms, for what this one has to have done there. */
  readonly deliver: Deliver;
  /** How long a command may wait for a database that does not answer (ms). */
  readonly patienceMs?: number;
}

/** One room, as activation found it. */
export interface ActorSeed<Root> {
  readonly ref: RoomRef;
  readonly org: string;
  readonly key: DataKey;
  readonly claim: Claim;
  readonly state: Root;
  /** The state includes everything up to this seq. */
  readonly seq: number;
  /** Of the last event (ms). */
  readonly lastAt: number;
}

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

const intakeLimit = 256;
const commandsPerAppend = 128;
const busyRetryMs = 250;
const patienceMs = 10_000;
/** A room that sleeps or dies with an errand outstanding is woken after so long. */
const errandWakeMs = 30_000;

/**
 * The one loop of a room: guard → decide → journal → evolve → show. It holds the room's only right to
 * append, has one append in flight at most, and shows nothing that is not durable.
 */
export class RoomActor<Root> {
  readonly ref: RoomRef;
  readonly org: string;
  readonly #kind: RoomKind<Root>;
  readonly #ports: ActorPorts;
  readonly #listener: RoomListener<Root>;
  readonly #key: DataKey;
  readonly #ledger: Ledger<Root, Asking>;
  readonly #intake: Intake<Root>;
  readonly #deadline: Deadline;
  readonly #snapshots: SnapshotKeeper;
  readonly #errands: ErrandRunner;
  readonly #watch: RoomWatch;
  /** Its lines carry the room's address and epoch. */
  readonly #log: () => Logger;
  readonly #patienceMs: number;
  #claim: Claim;
  /** When the room is woken if it sleeps, as the journal has it; undefined: that is not known. */
  #wakesAt: number | null | undefined = undefined;
  #stage: "open" | "sealing" | "closed" = "open";
  /** An append is in flight, or its outcome is being found out. */
  #appending = false;
  /** Commands that arrived while the outcome of an append was being found out. */
  #held: Asking[] | null = null;
  #preparing = 0;
  #drained: (() => void)[] = [];
  #appendedWake: number | null | undefined = undefined;

  constructor(kind: RoomKind<Root>, seed: ActorSeed<Root>, ports: ActorPorts, listener: RoomListener<Root>) {
    this.ref = seed.ref;
    this.org = seed.org;
    this.#kind = kind;
    this.#ports = ports;
    this.#listener = listener;
    this.#key = seed.key;
    this.#claim = seed.claim;
    this.#patienceMs = ports.patienceMs ?? patienceMs;
    this.#watch = ports.watch ?? unwatched;
    this.#log = roomLogger(ports.log, seed.ref, () => this.epoch);
    this.#ledger = new Ledger(kind.behaviour, seed.state, seed.seq, seed.lastAt);
    this.#intake = new Intake(kind, seed.key, ports.wheel, () => this.state);
    this.#snapshots = new SnapshotKeeper(seed, { snapshots: ports.snapshots, log: this.#log });
    this.#deadline = new Deadline(ports.wheel, ports.clock, (command) => this.#fire(command));
    this.#deadline.arm(kind.behaviour.due(seed.state));
    this.#errands = new ErrandRunner({
      from: { org: this.org, ref: this.ref },
      deliver: ports.deliver,
      wheel: ports.wheel,
      log: this.#log,
      settle: (command) => this.#issue(command),
    });
    this.#errands.consider(kind.behaviour.errands(seed.state));
  }

  /** The durable state: what may be shown. */
  get state(): Root {
    return this.#ledger.committed;
  }

  get seq(): number {
    return this.#ledger.committedSeq;
  }

  get epoch(): number {
    return this.#claim.epoch;
  }

  /** Nothing is left that this room has to have done elsewhere. */
  get isIdle(): boolean {
    return this.#errands.idle && this.#ledger.size === 0;
  }

  /** How many are in the call of this room. */
  get callers(): number {
    return this.#kind.callers?.(this.state) ?? 0;
  }

  /** Something of this room is under way in another one. */
  get hasErrands(): boolean {
    return !this.#errands.idle;
  }

  /** What the room notes by itself: that somebody has come or gone. */
  note(command: Command): void {
    void this.#fire(command);
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
    this.#assertOpen();
    if (by.org !== this.org) throw new DomainError("room_not_found");
    const guard = Object.hasOwn(this.#kind.requests, name) ? this.#kind.requests[name] : undefined;
    if (!guard) throw new DomainError("unknown_request");
    const mac = (text: string) => macOf(this.#key, text);
    const asked = { ref: this.ref, by, state: this.#ledger.draft, mac };
    // Whoever reads is shown what is durable.
    if (guard.type === "query") return guard.ask(payload, { ...asked, state: this.state });
    return this.#intake.take(guard, name, payload, asked, this.#submit);
  }

  /** Ends the room here in good order: takes nothing more, flushes, seals a snapshot, and says that it sleeps. */
  async seal(): Promise<void> {
    if (this.#stage !== "open") return;
    this.#stage = "sealing";
    await this.#flushed();
    if (this.#isClosed()) return;
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
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const cancel = this.#ports.wheel.after(withinMs, () => resolve("late"));
    const outcome = await Promise.race([this.#flushed(), late]);
    cancel();
    if (this.#isClosed()) return null;
    if (outcome !== "late") {
      // What was put off until now, such as a gathered cursor, must not be written any more.
      this.#held = [];
      return { epoch: this.epoch, seq: this.seq };
    }
    this.#reopen();
    return null;
  }

  /**
   * Goes on after a hand-over that may have failed: only if the room can be claimed again, so that whoever was to
   * have it cannot any more. False: it has it. Throws when the database cannot be asked.
   */
  async thaw(): Promise<boolean> {
    if (this.#stage !== "sealing") return false;
    const claim = await reclaim(this.#ports.owners, this.ref, this.#ports.process, this.#claim);
    if (!claim) return false;
    this.#claim = claim;
    this.#reopen();
    return true;
  }

  /** Ends the room here: another process has it. */
  end(reason: Ending): void {
    this.#close(reason, [...this.#ledger.rewind(), ...(this.#held ?? [])]);
  }

  /** Whether the database still has this incarnation as the room's owner. Throws when it cannot be asked. */
  async isOwner(): Promise<boolean> {
    const owner = await this.#ports.owners.find(this.ref);
    return owner?.incarnation === this.#claim.incarnation;
  }

  async #flushed(): Promise<"flushed"> {
    while (!this.#isClosed() && (this.#ledger.size > 0 || this.#appending || this.#preparing > 0)) {
      await new Promise<void>((resolve) => this.#drained.push(resolve));
    }
    return "flushed";
  }

  #reopen(): void {
    this.#stage = "open";
    // What is held until an append's outcome is known is decided then, and not here as well.
    if (!this.#appending) {
      const held = this.#held ?? [];
      this.#held = null;
      for (const asking of held) this.#decide(asking);
    }
    this.#deadline.arm(this.#kind.behaviour.due(this.state));
    this.#errands.consider(this.#kind.behaviour.errands(this.state));
  }

  readonly #submit: Submit = (by, prepared, mac) => {
    if (this.#ledger.size + this.#preparing + (this.#held?.length ?? 0) >= intakeLimit) {
      return Promise.reject(new DomainError("busy", undefined, { retryAfterMs: busyRetryMs }));
    }
    return new Promise((answer, reject) => {
      const since = performance.now();
      const resolve = (reply: CommandReply): void => {
        this.#watch.acknowledged(performance.now() - since);
        answer(reply);
      };
      const take = (command: Command) => this.#decide({ by, command, mac, resolve, reject, since });
      if (!(prepared instanceof Promise)) return take(prepared);
      this.#preparing += 1;
      prepared.then(take, reject).finally(() => {
        this.#preparing -= 1;
        this.#flush();
      });
    });
  };

  #decide(asking: Asking): void {
    if (this.#isClosed()) {
      asking.reject(new DomainError("room_closed"));
      return;
    }
    if (this.#held) {
      this.#held.push(asking);
      return;
    }
    const denied = this.#kind.authorise(this.#ledger.draft, asking.command, asking.by);
    const decided = denied ?? this.#ledger.decide(asking, this.#now()) ?? rejection("unknown_request");
    // A refusal may follow from what is not durable yet: like every answer it waits until that is.
    if ("code" in decided) this.#ledger.refuse(asking, decided);
    this.#flush();
  }

  /**
   * A command that is refused or changes nothing may be a repeat that only looks so because of what it did
   * the first time (a deletion, say): then its first result is the answer.
   */
  async #unlessRepeated(asking: Asking, otherwise: () => void): Promise<void> {
    const { by, command, mac, reject } = asking;
    try {
      if (command.id !== null && mac) {
        const wanted = [{ principal: by.id, id: command.id }];
        const recorded = await this.#ports.journal.findCommands(this.ref, wanted);
        if (resolveRecorded([asking], recorded).length === 0) return;
      }
      otherwise();
    } catch (cause) {
      reject(new DomainError("unavailable", undefined, { retryAfterMs: awayRetryMs, cause }));
    }
  }

  #flush(): void {
    if (this.#appending) return;
    if (this.#ledger.size === 0) {
      for (const drained of this.#drained.splice(0)) drained();
      return;
    }
    if (!this.#ledger.hasEvents) {
      this.#ledger.take(intakeLimit);
      this.#landed();
      return;
    }
    this.#appending = true;
    this.#ports.commits
      .append(() => this.#nextPart())
      .then(
        (outcome) => {
          if (outcome === "appended") this.#landed();
          else if (outcome === "stale") this.#close("fenced");
          else void this.#mend("repeated");
        },
        () => void this.#mend("unknown"),
      );
  }

  #nextPart(): RoomPart {
    const taken = this.#ledger.take(commandsPerAppend);
    const events = taken.flatMap((one) => one.events);
    const state = taken.at(-1)?.after ?? this.#ledger.committed;
    const due = this.#wakeTime(state);
    const part = {
      ref: this.ref,
      org: this.org,
      epoch: this.#claim.epoch,
      firstSeq: this.#ledger.committedSeq + 1,
      entries: events.map((recorded) => encodeEvent(this.#key, this.ref, recorded)),
      commands: taken.flatMap(toCommandEntry),
      listing: null,
      ...this.#kind.indexes(events, state),
    };
    if (due === this.#wakesAt) return part;
    this.#wakesAt = undefined;
    this.#appendedWake = due;
    return { ...part, due };
  }

  /** When somebody has to wake the room if it sleeps: at its deadline, or soon when an errand is outstanding. */
  #wakeTime(state: Root): number | null {
    const due = this.#kind.behaviour.due(state)?.at ?? null;
    if (this.#kind.behaviour.errands(state).length === 0) return due;
    const soon = this.#now() + errandWakeMs;
    return due === null ? soon : Math.min(due, soon);
  }

  #landed(): void {
    const before = this.state;
    const landed = this.#ledger.commit();
    this.#appending = false;
    if (this.#appendedWake !== undefined) this.#wakesAt = this.#appendedWake;
    this.#appendedWake = undefined;
    this.#show(
      landed.flatMap(({ events }) => events),
      before,
    );
    for (const { asked, events, refusal } of landed) {
      const last = events.at(-1);
      if (last) asked.resolve({ seq: last.seq, at: last.at });
      else if (refusal) void this.#unlessRepeated(asked, () => asked.reject(toDomainError(refusal)));
      else void this.#unlessRepeated(asked, () => asked.resolve({ seq: this.seq, at: this.#now() }));
    }
    this.#flush();
  }

  /** Something durable is new here, of this process's own: the room was as `before`. */
  #show(events: readonly Recorded[], before: Root): void {
    for (const fact of this.#kind.facts?.(before, events) ?? []) this.#watch.called(fact);
    this.#deadline.arm(this.#kind.behaviour.due(this.state));
    if (events.length > 0) this.#listener.committed(events, this.state);
    this.#snapshots.consider(this.seq, () => this.#kind.store(this.state));
    this.#errands.consider(this.#kind.behaviour.errands(this.state));
  }

  /** Finds out what became of an append, takes in what is durable, and decides the rest again. */
  async #mend(why: "repeated" | "unknown"): Promise<void> {
    const held: Asking[] = [];
    this.#held = held;
    this.#appendedWake = undefined;
    let open = this.#ledger.rewind();
    try {
      const found = await mend({
        why,
        ref: this.ref,
        key: this.#key,
        claim: this.#claim,
        after: this.#ledger.committedSeq,
        ports: this.#ports,
        stillOpen: () => [...open, ...held],
        failed: () => {
          open = dismissLate(open, this.#patienceMs);
          held.splice(0, held.length, ...dismissLate(held, this.#patienceMs));
        },
        stopped: () => this.#isClosed(),
      });
      this.#watch.mended(found !== null);
      if (!found) return this.#close("fenced", [...open, ...held]);
      this.#claim = found.claim;
      const before = this.state;
      for (const recorded of found.tail) this.#ledger.fold(recorded);
      this.#show(found.tail, before);
      open = resolveRecorded(open, found.recorded);
    } catch (error) {
      this.#log().error({ err: error }, "a room could not be mended");
      return this.#close("fenced", [...open, ...held]);
    }
    this.#held = null;
    this.#appending = false;
    for (const asking of [...open, ...held]) this.#decide(asking);
    this.#flush();
  }

  /** Whether it is done. */
  async #fire(command: Command): Promise<boolean> {
    try {
      await this.#issue(command);
      return true;
    } catch (err) {
      if (this.#stage === "open") this.#log().warn({ err, command: command.name }, "the room refused itself");
      return false;
    }
  }

  /** A command of the room's own. */
  #issue(command: Command): Promise<unknown> {
    if (this.#stage !== "open") return Promise.reject(new DomainError("room_closed"));
    const mac = command.id === null ? null : macOf(this.#key, command.name);
    return this.#submit(systemPrincipal(this.org), command, mac);
  }

  #close(reason: Ending, open: readonly Asking[] = this.#ledger.rewind()): void {
    if (this.#isClosed()) return;
    this.#stage = "closed";
    this.#deadline.stop();
    this.#errands.stop();
    for (const { reject } of open) reject(new DomainError("room_closed"));
    for (const drained of this.#drained.splice(0)) drained();
    this.#listener.closed(reason);
  }

  #assertOpen(): void {
    if (this.#stage !== "open") throw new DomainError("room_closed");
  }

  #isClosed(): boolean {
    return this.#stage === "closed";
  }

  #now(): number {
    return this.#ledger.notBefore(this.#ports.clock.now());
  }
}

function toCommandEntry({ asked, events }: Decided<unknown, Asking>) {
  const { by, command, mac } = asked;
  const first = events[0];
  if (!first || command.id === null || mac === null) return [];
  const lastSeq = first.seq + events.length - 1;
  return [{ principal: by.id, id: command.id, mac, firstSeq: first.seq, lastSeq }];
}
