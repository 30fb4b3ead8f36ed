import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../core/domain/errors.ts";
import type { Errand } from "../../core/domain/feature.ts";
import type { Principal, Role } from "../../core/domain/principal.ts";
import type { QueueSettings } from "../../core/domain/queue/state.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { createDataKeys, type DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import type { RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createConversations } from "../../core/platform/repositories/conversations.ts";
import { createMemberships } from "../../core/platform/repositories/memberships.ts";
import { createRoomOwners, type RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createTenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";
import { createMediaService } from "../../media/media-service.ts";
import type { Sender } from "../../rooms/actor/errand-runner.ts";
import { createConsultationKind } from "../../rooms/consultation/consultation-kind.ts";
import { createWaitingKind } from "../../rooms/waiting/waiting-kind.ts";
import type { Step } from "../checker/check-transfers.ts";
import { ClinicEngine, type Kinds } from "./clinic-engine.ts";
import { Rooms } from "./folded-rooms.ts";
import { readSteps } from "./steps.ts";
import { TestTime } from "./test-time.ts";

/** What happens to an errand on its way. `send` brings it there; each call is a delivery of its own. */
export type Carriage = (errand: Errand, send: () => Promise<void>) => Promise<void>;

/** What is put into every process, to see that it is found. */
export interface Mutant {
  readonly kinds?: (kinds: Kinds) => Kinds;
  readonly spoil?: (part: RoomPart) => RoomPart;
  /** What a sender makes of the answer to an errand. */
  readonly carry?: (answer: Promise<void>) => Promise<void>;
}

export const org = "clinic";

export function person(id: string, ...roles: readonly Role[]): Principal {
  return { org, id, name: id.toUpperCase(), roles, session: id };
}

export const ito = person("ito", "clinician");
export const abe = person("abe", "clinician");
export const desk = person("desk", "desk");
const staff = [ito, abe, desk].map(({ id }) => id);

/** When nothing has happened for so long, */
const quietMs = 300;
/** so much time passes at once. */
const leapMs = 10_000;

const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));

/** Some processes on one PostgreSQL database, and everything that its journal says. */
export class ClinicWorld {
  readonly time = new TestTime();
  /** How long is waited for what ought to come to be (ms). */
  patienceMs = 20_000;
  /** What happens to errands; at first nothing. */
  carriage: Carriage = (_, send) => send();
  /** Where a room wakes that nobody has; by default where it is asked for. */
  placement: (ref: RoomRef) => ClinicEngine | undefined = () => undefined;
  readonly #database: Database;
  readonly #keys: DataKeys;
  readonly #owners: RoomOwners;
  readonly #engines: ClinicEngine[] = [];
  readonly #kinds: Kinds;
  readonly #mutant: Mutant;

  private constructor(database: Database, mutant: Mutant) {
    this.#database = database;
    this.#keys = createDataKeys(database.tenants, ring);
    this.#owners = createRoomOwners(database.db);
    this.#mutant = mutant;
    const kinds = this.#createKinds();
    this.#kinds = mutant.kinds?.(kinds) ?? kinds;
  }

  static async open(url: string, mutant: Mutant = {}): Promise<ClinicWorld> {
    return new ClinicWorld(await openPostgres(url, 8), mutant);
  }

  /** Starts a process. Several that look for what is due would take each other's rooms. */
  start(name: string, { polls = false }: { readonly polls?: boolean } = {}): ClinicEngine {
    const parts = {
      database: this.#database,
      keys: this.#keys,
      time: this.time,
      kinds: this.#kinds,
      spoil: this.#mutant.spoil ?? ((part: RoomPart) => part),
      carry: (sender: ClinicEngine, from: Sender, errand: Errand<RoomRef>) =>
        this.#carry(sender, from, errand),
    };
    const engine = new ClinicEngine(name, parts, polls);
    this.#engines.push(engine);
    return engine;
  }

  /** A queue that is open, with the clinic's staff. */
  async openQueue(id: string, settings: Partial<QueueSettings> = {}, at = this.#anyone()): Promise<RoomRef> {
    const ref = { kind: "waiting", id } as const;
    await at.found(org, ref);
    const payload = { id: "made-by-the-test", settings: { title: id, ...settings }, staff };
    await at.request(desk, ref, "queue.create", payload);
    return ref;
  }

  /** A visit that was planned beforehand. */
  async planVisit(id: string, patient: Principal, at?: number): Promise<RoomRef> {
    const ref = { kind: "consultation", id } as const;
    await this.#anyone().found(org, ref, patient.id);
    const when = at === undefined ? {} : { at };
    await this.ask(desk, ref, "visit.create", { patient: patient.id, clinician: ito.id, ...when });
    return ref;
  }

  async join(patient: Principal, queue: RoomRef, more: { readonly visit?: string } = {}): Promise<void> {
    await this.ask(patient, queue, "queue.join", { reason: "a cough", language: "ja", ...more });
  }

  /** A request, to whichever process has the room; again where it has just moved. */
  async ask(by: Principal, ref: RoomRef, name: string, payload: object = {}): Promise<object> {
    const request = { id: randomUUID(), ...payload };
    for (let left = 5; ; left -= 1) {
      try {
        return await (await this.#holder(ref, this.#anyone())).request(by, ref, name, request);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== "room_closed" || left <= 1) throw error;
        await delay(10);
      }
    }
  }

  /** What the refusal of a request says; null: it was done. */
  async refusal(by: Principal, ref: RoomRef, name: string, payload: object = {}): Promise<string | null> {
    try {
      await this.ask(by, ref, name, payload);
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error.code;
      throw error;
    }
  }

  steps(): Promise<Step[]> {
    return readSteps(this.#database.db, this.#keys);
  }

  /** The rooms as the journal has them. */
  async rooms(): Promise<Rooms> {
    return new Rooms(await this.steps());
  }

  /** Reads the journal until it is as wanted. Where nothing happens any more, time passes quickly. */
  async until(wanted: (rooms: Rooms) => boolean): Promise<Rooms> {
    let last = { events: -1, at: 0 };
    for (const end = performance.now() + this.patienceMs; ; await delay(20)) {
      const rooms = await this.rooms();
      if (wanted(rooms)) return rooms;
      const now = performance.now();
      if (now > end) throw new Error(`it never came to be; the journal says:\n${rooms.story}`);
      if (rooms.steps.length > last.events) last = { events: rooms.steps.length, at: now };
      if (now - last.at < quietMs) continue;
      this.time.skip(leapMs);
      last = { ...last, at: now };
    }
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) engine.crash();
    await this.#database.close();
  }

  async #carry(sender: ClinicEngine, from: Sender, errand: Errand<RoomRef>): Promise<void> {
    const answer = this.carriage(errand, async () => {
      const receiver = await this.#holder(errand.to, sender);
      await receiver.take(from, errand);
    });
    await (this.#mutant.carry?.(answer) ?? answer);
  }

  /** Whoever the database says has the room; else where it is to wake. */
  async #holder(ref: RoomRef, otherwise: ClinicEngine): Promise<ClinicEngine> {
    const owner = await this.#owners.find(ref);
    const holder = this.#engines.find(({ name, alive }) => alive && name === owner?.process);
    if (holder?.has(ref)) return holder;
    const placed = this.placement(ref);
    return [placed, otherwise].find((engine) => engine?.alive) ?? this.#anyone();
  }

  #anyone(): ClinicEngine {
    const engine = this.#engines.find(({ alive }) => alive);
    if (!engine) throw new Error("no process runs");
    return engine;
  }

  #createKinds(): Kinds {
    const { tenants } = this.#database;
    const known = async (_: string, people: readonly string[]) =>
      new Map(people.map((id) => [id, id.toUpperCase()]));
    const { role } = createMemberships(tenants);
    const rooms = createTenantRooms(tenants);
    const exists = async (org: string, ref: RoomRef) => (await rooms.find(org, ref)) !== null;
    const conversations = createConversations(tenants, this.#keys);
    const media = createMediaService([], createLogger({ level: "silent" }));
    return {
      waiting: createWaitingKind({
        ...{ staff: known, exists, role, now: () => this.time.now() },
        record: async () => {},
      }),
      consultation: createConsultationKind({
        ...{ conversations, names: known, clinicians: known, media },
        attach: async () => [],
        hasConsentText: async () => true,
        ...{ keepRecordingsMs: async () => 86_400_000, now: () => this.time.now() },
      }),
    };
  }
}

/** Holds that are of one room. */
export function ofRoom(room: RoomRef): (part: { readonly ref: RoomRef }) => boolean {
  return ({ ref }) => roomKey(ref) === roomKey(room);
}
