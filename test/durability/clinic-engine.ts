import { DomainError } from "../../core/domain/errors.ts";
import type { Command, Errand } from "../../core/domain/feature.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import type { QueueState } from "../../core/domain/queue/state.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { DataKeys } from "../../core/platform/crypto/data-keys.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createGroupCommit } from "../../core/platform/journal/group-commit.ts";
import { createJournalStore, type RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createRoomDues } from "../../core/platform/repositories/room-dues.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createSnapshots } from "../../core/platform/repositories/snapshots.ts";
import { activate } from "../../rooms/actor/activation.ts";
import type { ActorPorts } from "../../rooms/actor/actor-ports.ts";
import type { Sender } from "../../rooms/actor/errand-runner.ts";
import type { RoomKind } from "../../rooms/actor/room-kind.ts";
import type { TimerWheel } from "../../rooms/actor/timer-wheel.ts";
import { startDuePoller } from "../../rooms/cluster/due-poller.ts";
import { forever, Holds } from "./holds.ts";
import type { TestTime } from "./test-time.ts";

/** The rooms that a process knows how to run. */
export interface Kinds {
  readonly waiting: RoomKind<QueueState>;
  readonly consultation: RoomKind<ConsultationState>;
}

/** What the processes of a clinic share. */
export interface EngineParts {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly time: TestTime;
  readonly kinds: Kinds;
  /** What comes of an append before it is sent. */
  readonly spoil: (part: RoomPart) => RoomPart;
  /** Brings an errand to whichever process has the other room. */
  carry(engine: ClinicEngine, from: Sender, errand: Errand<RoomRef>): Promise<void>;
}

interface Awake {
  request(by: Principal, name: string, payload: unknown): Promise<object>;
  note(command: Command): void;
  seal(): Promise<void>;
}

/**
 * A server process without sockets: it runs queues and visits, wakes those that have something to do, and
 * can end at any moment. It wakes a room on its own say-so, whoever else has it.
 */
export class ClinicEngine {
  readonly name: string;
  readonly holds = new Holds();
  readonly #parts: EngineParts;
  readonly #ports: ActorPorts & { readonly keys: DataKeys };
  readonly #wheel: TimerWheel;
  readonly #rooms = new Map<string, Promise<Awake>>();
  readonly #stopPolling: () => void;
  #alive = true;

  /** `polls`: it looks for rooms that sleep over their deadline, also for those that others have. */
  constructor(name: string, parts: EngineParts, polls: boolean) {
    const { database, keys, time } = parts;
    const { db } = database;
    this.name = name;
    this.#parts = parts;
    this.#wheel = time.wheel();
    const log = createLogger({ level: "silent" });
    const store = this.#mortal(createJournalStore(database));
    const append = (list: readonly RoomPart[]) => store.append(list.map(parts.spoil));
    const journal = { ...store, append };
    this.#ports = {
      process: name,
      journal,
      commits: this.holds.wrap(createGroupCommit(journal)),
      owners: this.#mortal(createRoomOwners(db)),
      snapshots: this.#mortal(createSnapshots(db)),
      keys,
      clock: time,
      wheel: this.#wheel,
      log,
      deliver: async (from, { to, ...errand }) => {
        // There are no calls in these stories.
        if (to.kind === "media" || to.kind === "recordings") throw new DomainError("media_unavailable");
        await this.#whileAlive(() => parts.carry(this, from, { ...errand, to }));
        return null;
      },
    };
    const poller = { directory: this, clock: time, wheel: this.#wheel, log };
    this.#stopPolling = polls ? startDuePoller(this.#mortal(createRoomDues(db)), poller) : () => {};
  }

  get alive(): boolean {
    return this.#alive;
  }

  async request(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<object> {
    return (await this.#awake(ref)).request(by, name, payload);
  }

  /** Whoever wakes a room for an errand makes it first if there is none yet. */
  async take({ org, ref }: Sender, { to, name, payload, make }: Errand<RoomRef>): Promise<void> {
    if (make) await this.found(org, to, make.subject);
    await this.request(systemPrincipal(org), to, name, { ...payload, from: ref });
  }

  /** Makes the row of a new room. */
  async found(org: string, ref: RoomRef, subject?: string): Promise<void> {
    const about = subject === undefined ? roomKey(ref) : subject;
    const scope = subject === undefined ? "room" : "person";
    const key = await this.#ports.keys.ensure({ org, scope, subject: about });
    await this.#ports.owners.create(ref, org, key.id);
  }

  async wake(ref: RoomRef): Promise<void> {
    await this.#awake(ref);
  }

  async note(ref: RoomRef, command: Command): Promise<void> {
    (await this.#awake(ref)).note(command);
  }

  has(ref: RoomRef): boolean {
    return this.#alive && this.#rooms.has(roomKey(ref));
  }

  /** Lets a room sleep: it seals a snapshot and ends here. */
  async sleep(ref: RoomRef): Promise<void> {
    await (await this.#rooms.get(roomKey(ref)))?.seal();
  }

  /**
   * Ends at once, as a killed process does: what it has sent may yet take effect, it hears of nothing any
   * more, and nobody is answered.
   */
  crash(): void {
    this.#alive = false;
    this.#stopPolling();
    this.#wheel.stop();
    this.#rooms.clear();
  }

  #awake(ref: RoomRef): Promise<Awake> {
    if (!this.#alive) return forever();
    const key = roomKey(ref);
    const awake = this.#rooms.get(key) ?? this.#wake(ref);
    this.#rooms.set(key, awake);
    awake.catch(() => this.#rooms.delete(key));
    return awake;
  }

  #wake(ref: RoomRef): Promise<Awake> {
    const { kinds } = this.#parts;
    if (ref.kind === "waiting") return this.#activate(kinds.waiting, ref, "queue.wake");
    if (ref.kind === "consultation") return this.#activate(kinds.consultation, ref, "visit.wake");
    return Promise.reject(new DomainError("room_not_found"));
  }

  async #activate<Root>(kind: RoomKind<Root>, ref: RoomRef, woken: string): Promise<Awake> {
    const { actor } = await activate(kind, ref, this.#ports, {
      committed: () => {},
      closed: () => this.#rooms.delete(roomKey(ref)),
    });
    // Connections do not survive their process.
    actor.note({ name: woken, id: null });
    return actor;
  }

  /** The parts of the database as a process has them: when it ends, it asks and hears nothing any more. */
  #mortal<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const act: unknown = Reflect.get(target, name);
        return typeof act === "function"
          ? (...args: unknown[]) => this.#whileAlive(() => Reflect.apply(act, target, args))
          : act;
      },
    });
  }

  async #whileAlive<T>(act: () => Promise<T>): Promise<T> {
    if (!this.#alive) return forever();
    try {
      const answer = await act();
      return this.#alive ? answer : forever();
    } catch (error) {
      if (!this.#alive) return forever();
      throw error;
    }
  }
}
