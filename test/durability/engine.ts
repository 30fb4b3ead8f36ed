import { createSecretKey, randomBytes } from "node:crypto";
import type { ConversationState } from "../../core/domain/conversation/state.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { createDataKeys, type DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createGroupCommit } from "../../core/platform/journal/group-commit.ts";
import { createJournalStore } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createConversations } from "../../core/platform/repositories/conversations.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createSnapshots } from "../../core/platform/repositories/snapshots.ts";
import type { ResumeReply } from "../../core/protocol/events.ts";
import { activate } from "../../rooms/actor/activation.ts";
import type { ActorPorts } from "../../rooms/actor/actor-ports.ts";
import type { RoomActor } from "../../rooms/actor/room-actor.ts";
import type { RoomKind } from "../../rooms/actor/room-kind.ts";
import { createTimerWheel } from "../../rooms/actor/timer-wheel.ts";
import { createChatKind } from "../../rooms/chat/chat-kind.ts";

/** Told what a room shows, and that a room begins to be shown from a seq on. */
export interface Audience {
  opened(client: string, after: number): void;
  shown(client: string, events: readonly Recorded[]): void;
}

export type Ports = ActorPorts & { readonly keys: DataKeys };

const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));

/** A server process without sockets: it wakes rooms on its own say-so, whoever else has them. */
export class Engine {
  readonly #name: string;
  readonly #database: Database;
  readonly ports: Ports;
  readonly kind: RoomKind<ConversationState>;
  readonly #actors = new Map<string, Promise<RoomActor<ConversationState>>>();
  #awoken = 0;

  constructor(name: string, database: Database) {
    const { db, tenants } = database;
    const journal = createJournalStore(database);
    this.#name = name;
    this.#database = database;
    this.ports = {
      process: name,
      journal,
      commits: createGroupCommit(journal),
      owners: createRoomOwners(db),
      snapshots: createSnapshots(db),
      clock: { now: () => Date.now() },
      deliver: () => Promise.reject(new DomainError("room_not_found")),
      wheel: createTimerWheel(),
      log: createLogger({ level: "silent" }),
      keys: createDataKeys(tenants, ring),
    };
    this.kind = createChatKind({
      conversations: createConversations(tenants, this.ports.keys),
      names: async (_, people) => new Map(people.map((person) => [person, person])),
      attach: async () => [],
    });
  }

  static async open(name: string, url: string): Promise<Engine> {
    return new Engine(name, await openPostgres(url, 4));
  }

  /** Makes the row of a new room. */
  async found(ref: RoomRef, org: string): Promise<void> {
    const { keys, owners } = this.ports;
    const key = await keys.ensure({ org, scope: "room", subject: `${ref.kind}:${ref.id}` });
    await owners.create(ref, org, key.id);
  }

  /** A request of a person, to the room as it is awake here; wakes it if it is not. */
  async request(
    ref: RoomRef,
    by: Principal,
    name: string,
    payload: unknown,
    audience: Audience,
  ): Promise<object> {
    const actor = this.#actors.get(ref.id) ?? this.#wake(ref, audience);
    this.#actors.set(ref.id, actor);
    actor.catch(() => this.#actors.delete(ref.id));
    return (await actor).request(by, name, payload);
  }

  /** Everything that members are given of a room. */
  async resume(ref: RoomRef, org = "org"): Promise<ResumeReply["events"]> {
    const conversations = createConversations(this.#database.tenants, this.ports.keys);
    return (await conversations.resume(org, ref, 0, 10_000)).events;
  }

  /** Forgets its rooms. What they have under way goes on, as the statements of a dead process do. */
  crash(): void {
    this.#actors.clear();
  }

  close(): Promise<void> {
    this.ports.wheel.stop();
    return this.#database.close();
  }

  async #wake(ref: RoomRef, audience: Audience): Promise<RoomActor<ConversationState>> {
    this.#awoken += 1;
    const client = `${this.#name}#${this.#awoken}`;
    const { actor } = await activate(this.kind, ref, this.ports, {
      committed: (events) => audience.shown(client, events),
      closed: () => this.#actors.delete(ref.id),
    });
    audience.opened(client, actor.seq);
    return actor;
  }
}
