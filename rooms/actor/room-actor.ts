import { DomainError, rejection } from "../../core/domain/errors.ts";
import type { Command, Recorded } from "../../core/domain/feature.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Clock } from "../../core/platform/clock.ts";
import { type DataKey, macOf } from "../../core/platform/crypto/data-keys.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import type { GroupCommit } from "../../core/platform/journal/group-commit.ts";
import type { JournalStore, RoomPart } from "../../core/platform/journal/journal-store.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";
import { Deadline } from "./deadline.ts";
import { Intake, type Submit } from "./intake.ts";
import { type Decided, Ledger } from "./ledger.ts";
import type { Claim } from "./ownership.ts";
import { type Asking, dismissLate, mend, resolveRecorded } from "./recovery.ts";
import type { RoomKind } from "./room-kind.ts";
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
  closed(reason: "fenced" | "sealed"): void;
}

const intakeLimit = 256;
const commandsPerAppend = 128;
const busyRetryMs = 250;
const patienceMs = 10_000;

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
  readonly #patienceMs: number;
  #claim: Claim;
  #stage: "open" | "sealing" | "closed" = "open";
  /** An append is in flight, or its outcome is being found out. */
  #appending = false;
  /** Commands that arrived while the outcome of an append was being found out. */
  #held: Asking[] | null = null;
  #preparing = 0;
  #drained: (() => void)[] = [];

  constructor(kind: RoomKind<Root>, seed: ActorSeed<Root>, ports: ActorPorts, listener: RoomListener<Root>) {
    this.ref = seed.ref;
    this.org = seed.org;
    this.#kind = kind;
    this.#ports = ports;
    this.#listener = listener;
    this.#key = seed.key;
    this.#claim = seed.claim;
    this.#patienceMs = ports.patienceMs ?? patienceMs;
    this.#ledger = new Ledger(kind.behaviour, seed.state, seed.seq, seed.lastAt);
    this.#intake = new Intake(kind, seed.key, ports.wheel);
    this.#snapshots = new SnapshotKeeper(seed, ports);
    this.#deadline = new Deadline(ports.wheel, ports.clock, (command) => this.#fire(command));
    this.#deadline.arm(kind.behaviour.due(seed.state));
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

  /**
   * Takes a request from anywhere (socket, REST, system). Resolves with its reply once it is durable;
   * throws DomainError when it is refused.
   */
  async request(by: Principal, name: string, payload: unknown): Promise<object> {
    this.#assertOpen();
    if (by.org !== this.org) throw new DomainError("room_not_found");
    const guard = Object.hasOwn(this.#kind.requests, name) ? this.#kind.requests[name] : undefined;
    if (!guard) throw new DomainError("unknown_request");
    const asked = { ref: this.ref, by, state: this.#ledger.draft };
    if (guard.type === "query") return guard.ask(payload, asked);
    return this.#intake.take(guard, name, payload, asked, this.#submit);
  }

  /** Ends the room here in good order: takes nothing more, flushes, and seals a snapshot. */
  async seal(): Promise<void> {
    if (this.#stage !== "open") return;
    this.#stage = "sealing";
    if (this.#ledger.size > 0 || this.#appending) {
      await new Promise<void>((resolve) => this.#drained.push(resolve));
    }
    if (this.#isClosed()) return;
    await this.#snapshots.save(this.seq, this.state);
    this.#close("sealed");
  }

  readonly #submit: Submit = (by, prepared, mac) => {
    if (this.#ledger.size + this.#preparing + (this.#held?.length ?? 0) >= intakeLimit) {
      return Promise.reject(new DomainError("busy", undefined, { retryAfterMs: busyRetryMs }));
    }
    return new Promise((resolve, reject) => {
      const take = (command: Command) =>
        this.#decide({ by, command, mac, resolve, reject, since: performance.now() });
      if (!(prepared instanceof Promise)) return take(prepared);
      this.#preparing += 1;
      prepared.then(take, reject).finally(() => {
        this.#preparing -= 1;
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
    if ("code" in decided) {
      const { code, message, retryAfterMs } = decided;
      const refusal = new DomainError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
      void this.#unlessRepeated(asking, () => asking.reject(refusal));
      return;
    }
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
      reject(new DomainError("unavailable", undefined, { cause }));
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
    const due = this.#kind.behaviour.due(state)?.at ?? null;
    const part = {
      ref: this.ref,
      org: this.org,
      epoch: this.#claim.epoch,
      firstSeq: this.#ledger.committedSeq + 1,
      entries: events.map((recorded) => encodeEvent(this.#key, this.ref, recorded)),
      commands: taken.flatMap(toCommandEntry),
      ...this.#kind.indexes(events, state),
    };
    return due === this.#deadline.at ? part : { ...part, due };
  }

  #landed(): void {
    const landed = this.#ledger.commit();
    this.#appending = false;
    this.#show(landed.flatMap(({ events }) => events));
    for (const { asked, events } of landed) {
      const last = events.at(-1);
      if (last) asked.resolve({ seq: last.seq, at: last.at });
      else void this.#unlessRepeated(asked, () => asked.resolve({ seq: this.seq, at: this.#now() }));
    }
    this.#flush();
  }

  /** Something durable is new here. */
  #show(events: readonly Recorded[]): void {
    this.#deadline.arm(this.#kind.behaviour.due(this.state));
    if (events.length > 0) this.#listener.committed(events, this.state);
    this.#snapshots.consider(this.seq, this.state);
  }

  /** Finds out what became of an append, takes in what is durable, and decides the rest again. */
  async #mend(why: "repeated" | "unknown"): Promise<void> {
    const held: Asking[] = [];
    this.#held = held;
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
      if (!found) return this.#close("fenced", [...open, ...held]);
      this.#claim = found.claim;
      for (const recorded of found.tail) this.#ledger.fold(recorded);
      this.#show(found.tail);
      open = resolveRecorded(open, found.recorded);
    } catch (error) {
      this.#ports.log.error({ err: error, ...this.ref }, "a room could not be mended");
      return this.#close("fenced", [...open, ...held]);
    }
    this.#held = null;
    this.#appending = false;
    for (const asking of [...open, ...held]) this.#decide(asking);
    this.#flush();
  }

  #fire(command: Command): void {
    if (this.#stage !== "open") return;
    const mac = command.id === null ? null : macOf(this.#key, command.name);
    this.#submit(systemPrincipal(this.org), command, mac).catch((error: unknown) => {
      this.#ports.log.warn({ err: error, command: command.name, ...this.ref }, "a deadline was refused");
    });
  }

  #close(reason: "fenced" | "sealed", open: readonly Asking[] = this.#ledger.rewind()): void {
    if (this.#isClosed()) return;
    this.#stage = "closed";
    this.#deadline.stop();
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
