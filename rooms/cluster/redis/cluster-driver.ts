import { type IRoomCache, initializeRoomCache, LocalDriver } from "@colyseus/core";
import { RedisDriver } from "@colyseus/redis-driver";
import type { Redis } from "ioredis";
import type { Link } from "./link.ts";

type Conditions = Parameters<RedisDriver["query"]>[0];
type Order = Parameters<RedisDriver["query"]>[1];
type Changes = Parameters<RedisDriver["update"]>[1];

/** The hash in which Colyseus keeps the listings of all rooms, by roomId. */
const listingsKey = "roomcaches";
const rowsAtOnce = 500;
const checkedAtOnce = 100;

/**
 * Colyseus's driver on a Redis that may be lost at any time. It knows the rooms of its own process, answers from them
 * while Redis is away, and puts their listings back when it returns. Nothing waits for Redis and nothing is thrown.
 */
export class ClusterDriver extends RedisDriver {
  readonly #redis: Redis;
  readonly #link: Link;
  readonly #end: () => Promise<void>;
  /** The rooms of this process. Colyseus changes these objects itself. */
  readonly #own = new Map<string, IRoomCache>();
  /** Rooms whose row in Redis may not be what it should: of own ones as they are now, of all others none. */
  readonly #unsure = new Set<string>();
  /** How many own rooms the present round of checks has seen. */
  #checked = 0;

  constructor(redis: Redis, parts: { readonly link: Link; readonly end: () => Promise<void> }) {
    super(redis);
    this.#redis = redis;
    this.#link = parts.link;
    this.#end = parts.end;
  }

  /**
   * Lists a room unless its roomId is taken; whether it is listed. True also where Redis cannot be asked: a roomId is new with
   * every epoch, and who owns the room is settled in PostgreSQL.
   */
  async insert(room: IRoomCache): Promise<boolean> {
    const { roomId } = room;
    const free = await this.#link.ask(() => this.#redis.hsetnx(listingsKey, roomId, rowOf(room)));
    if (free === 0) return false;
    this.#own.set(roomId, room);
    if (free === null) this.#unsure.add(roomId);
    return true;
  }

  override async persist(room: IRoomCache, create = false): Promise<boolean> {
    if (create && room.roomId) this.#own.set(room.roomId, room);
    return this.#rewrite(room.roomId);
  }

  override async update(room: IRoomCache, changes: Changes): Promise<boolean> {
    among([]).update(room, changes);
    return this.#rewrite(room.roomId);
  }

  override async remove(roomId: string): Promise<boolean> {
    if (!roomId) return false;
    const was = this.#own.delete(roomId);
    const removed = await this.#link.ask(() => this.#redis.hdel(listingsKey, roomId));
    if (removed === null) this.#unsure.add(roomId);
    return removed === null ? was : removed > 0;
  }

  override async cleanup(processId: string): Promise<void> {
    const ids = (await this.query({ processId })).map(({ roomId }) => roomId);
    for (const some of chunks(ids, rowsAtOnce)) {
      await this.#link.ask(() => this.#redis.hdel(listingsKey, ...some));
    }
  }

  override async has(roomId: string): Promise<boolean> {
    return (await this.#link.ask(() => super.has(roomId))) ?? this.#own.has(roomId);
  }

  override async query(conditions: Conditions, order?: Order): Promise<IRoomCache[]> {
    return among(await this.#all()).query(conditions, order);
  }

  override async findOne(conditions: Conditions, order?: Order): Promise<IRoomCache> {
    const { roomId } = conditions;
    const rooms = roomId === undefined ? await this.#all() : [...(await this.findByIds([roomId])).values()];
    return await among(rooms).findOne(conditions, order);
  }

  override async findByIds(roomIds: string[]): Promise<Map<string, IRoomCache>> {
    const listed = await this.#link.ask(() => super.findByIds(roomIds));
    return listed ?? among(this.#copies()).findByIds(roomIds);
  }

  override async clear(): Promise<void> {
    await this.#link.ask(() => super.clear());
  }

  override async shutdown(): Promise<void> {
    await this.#end();
  }

  /** Brings every row to what it should be that is not certain. `fresh`: Redis may have lost all of them. */
  async restore(fresh: boolean): Promise<void> {
    if (fresh) for (const roomId of this.#own.keys()) this.#unsure.add(roomId);
    for (const ids of chunks([...this.#unsure], rowsAtOnce)) {
      for (const id of ids) this.#unsure.delete(id);
      const done = await this.#link.ask(() => this.#put(ids));
      if (done) continue;
      for (const id of ids) this.#unsure.add(id);
      return;
    }
  }

  /** Looks whether Redis still has the rows of some own rooms, others each time; if one is gone, writes all again. */
  async check(): Promise<void> {
    const all = [...this.#own.keys()];
    if (this.#checked >= all.length) this.#checked = 0;
    const ids = all.slice(this.#checked, this.#checked + checkedAtOnce);
    this.#checked += ids.length;
    const listed = await this.#link.ask(() => super.findByIds(ids));
    await this.restore(listed !== null && ids.some((id) => this.#own.has(id) && !listed.has(id)));
  }

  /** A room that has ended is not listed again by what comes after. */
  async #rewrite(roomId: string): Promise<boolean> {
    const room = this.#own.get(roomId);
    if (!room) return false;
    const written = await this.#link.ask(() => this.#redis.hset(listingsKey, roomId, rowOf(room)));
    if (written === null) this.#unsure.add(roomId);
    return true;
  }

  async #put(ids: readonly string[]): Promise<true> {
    const own = ids.flatMap((id) => this.#own.get(id) ?? []);
    const gone = ids.filter((id) => !this.#own.has(id));
    const rows = own.flatMap((room) => [room.roomId, rowOf(room)]);
    await Promise.all([
      rows.length > 0 && this.#redis.hset(listingsKey, ...rows),
      gone.length > 0 && this.#redis.hdel(listingsKey, ...gone),
    ]);
    return true;
  }

  /** Every listed room; this process's own while Redis is away. (Colyseus's way fails for good after one failure.) */
  async #all(): Promise<IRoomCache[]> {
    const rooms = await this.#link.ask(async () => (await this.#redis.hvals(listingsKey)).map(roomOf));
    return rooms ?? this.#copies();
  }

  #copies(): IRoomCache[] {
    return [...this.#own.values()].map((room) => roomOf(rowOf(room)));
  }
}

/** Where a room is and how full; nothing of the people in it, so no metadata. */
function rowOf(room: IRoomCache): string {
  const { name, roomId, processId, publicAddress, createdAt, clients, maxClients } = room;
  const { locked, private: hidden, unlisted } = room;
  return JSON.stringify({
    ...{ name, roomId, processId, publicAddress, createdAt, clients, maxClients },
    ...{ locked, private: hidden, unlisted },
  });
}

function roomOf(row: string): IRoomCache {
  return initializeRoomCache(JSON.parse(row));
}

/** Colyseus's own filter and order, over rooms that are at hand. */
function among(rooms: IRoomCache[]): LocalDriver {
  const driver = new LocalDriver();
  driver.rooms = rooms;
  return driver;
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}
