import { version as mediasoupVersion } from "mediasoup";
import { DomainError } from "../../core/domain/errors.ts";
import { roomKey } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { type MediasoupJoin, mediasoupRequest } from "../../core/protocol/mediasoup.ts";
import type { Joining } from "../backend.ts";
import { type NodeLimits, usualLimits } from "./limits.ts";
import { NodeSession, type SessionName } from "./node-session.ts";
import type { SessionTap } from "./session-tap.ts";
import { findWorker, type WorkerSearch } from "./worker-binary.ts";
import { type PoolSettings, type Running, WorkerPool, type WorkerSlot } from "./worker-pool.ts";

/** What a node carries at this moment. */
export interface NodeLoad {
  readonly workers: number;
  readonly sessions: number;
  readonly producers: number;
  readonly consumers: number;
  /** How many consumers it carries at most; what is being started again carries none. */
  readonly capacity: number;
  /** It takes no new sessions, and is rid of those it has. */
  readonly draining: boolean;
}

/** Something that whoever has a session there should know. */
export type NodeEvent =
  | { readonly event: "opened"; readonly session: SessionName }
  /** In good order: nobody used it any more, or its room has closed it. */
  | { readonly event: "ended"; readonly session: SessionName }
  /** Everyone in it has lost it. */
  | { readonly event: "gone"; readonly session: SessionName; readonly reason: string }
  /** It is to go on elsewhere. Said again until it does. */
  | { readonly event: "drain"; readonly session: SessionName };

export interface NodeParts {
  readonly id: string;
  readonly settings: Omit<PoolSettings, "workerBin"> & WorkerSearch;
  readonly log: Logger;
  readonly limits?: Partial<NodeLimits>;
  /** A worker has died. */
  died?(): void;
}

/** The workers cannot be had; the message says why, in words for operators. */
export class NoWorker extends Error {
  override readonly name = "NoWorker";
  /** There is none on this machine. */
  readonly absent: boolean;

  constructor(message: string, absent: boolean, cause?: unknown) {
    super(message, { cause });
    this.absent = absent;
  }
}

const sayAgainMs = 2_000;

/** The sessions of this process, on its workers. */
export class MediaNode {
  readonly id: string;
  readonly #limits: NodeLimits;
  readonly #log: Logger;
  readonly #pool: WorkerPool;
  readonly #sessions = new Map<string, NodeSession>();
  readonly #opening = new Map<string, Promise<NodeSession>>();
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  #emptied: (() => void)[] = [];
  #draining = false;

  private constructor({ id, settings, log, limits, died }: NodeParts, workerBin: string) {
    this.id = id;
    this.#log = log;
    this.#limits = { ...usualLimits, ...limits };
    this.#pool = new WorkerPool({
      settings: { ...settings, workerBin },
      log,
      died: (slot) => {
        died?.();
        for (const session of [...this.#sessions.values()]) {
          if (session.slot === slot) this.#end(session, "worker_died");
        }
      },
    });
  }

  /** Starts the first worker, to see whether it starts; the others when they are needed. Throws NoWorker. */
  static async start(parts: NodeParts): Promise<MediaNode> {
    const bin = findWorker(parts.settings);
    if (bin === null) {
      throw new NoWorker(`its worker is not on this machine (mediasoup-worker ${mediasoupVersion})`, true);
    }
    const node = new MediaNode(parts, bin);
    try {
      await node.#pool.slots[0]?.ready();
      return node;
    } catch (cause) {
      node.close();
      throw new NoWorker(
        `${bin} does not start: it has to be mediasoup-worker ${mediasoupVersion}, made for this machine, with its ports free`,
        false,
        cause,
      );
    }
  }

  load(): NodeLoad {
    const all = [...this.#sessions.values()];
    return {
      workers: this.#pool.running,
      sessions: all.length,
      producers: all.reduce((total, { producers }) => total + producers, 0),
      consumers: all.reduce((total, { consumers }) => total + consumers, 0),
      capacity: this.#pool.slots.filter(({ usable }) => usable).length * this.#limits.consumersPerWorker,
      draining: this.#draining,
    };
  }

  sessions(): readonly SessionName[] {
    return [...this.#sessions.values()].map(({ name }) => name);
  }

  /** Is told of every event, until what is returned is called. */
  watch(listener: (event: NodeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Opens it on the worker with the fewest consumers; an open one stays. Throws `media_unavailable` when all are full. */
  async open(name: SessionName): Promise<void> {
    const key = keyOf(name);
    if (this.#sessions.has(key)) return;
    const opening = this.#opening.get(key) ?? this.#openNew(name);
    this.#opening.set(key, opening);
    await opening.finally(() => this.#opening.delete(key));
  }

  /** What this person's browser needs, but for the way through firewalls. */
  async join(name: SessionName, who: Joining): Promise<Omit<MediasoupJoin, "iceServers">> {
    return this.#find(name).join(who);
  }

  async signal(name: SessionName, person: string, data: unknown): Promise<object> {
    const request = mediasoupRequest.safeParse(data);
    if (!request.success) throw new DomainError("invalid_payload");
    return this.#find(name).signal(person, request.data);
  }

  async leave(name: SessionName, person: string): Promise<void> {
    await this.#sessions.get(keyOf(name))?.leave(person);
  }

  async closeSession(name: SessionName): Promise<void> {
    const session = this.#sessions.get(keyOf(name));
    if (session) this.#end(session, null);
  }

  /** For whatever runs beside it and takes in what people give. Throws `call_gone`. */
  tap(name: SessionName): SessionTap {
    return this.#find(name).tap;
  }

  /** What is wrong, in words for operators; null: nothing. */
  health(): string | null {
    if (this.#pool.slots.some(({ usable }) => usable)) return null;
    return "its workers have died and are being started again";
  }

  /** Takes nothing new, and waits until its sessions are elsewhere, for at most so long. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const say = () => {
      for (const session of this.#sessions.values()) this.#tell({ event: "drain", session: session.name });
    };
    say();
    if (this.#sessions.size === 0) return;
    const again = setInterval(say, sayAgainMs);
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, withinMs);
    this.#emptied.push(resolve);
    await empty;
    clearInterval(again);
    clearTimeout(late);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    this.#pool.close();
    this.#listeners.clear();
  }

  async #openNew(name: SessionName): Promise<NodeSession> {
    const slot = this.#draining ? null : this.#leastLoaded();
    if (!slot) throw new DomainError("media_unavailable");
    const running: Running = await slot.ready();
    const session = await NodeSession.open(
      {
        name,
        slot,
        limits: this.#limits,
        hasRoom: (one) => this.#consumersOf(one) < this.#limits.consumersPerWorker,
        idle: (one) => this.#end(one, null),
      },
      running,
    );
    this.#sessions.set(keyOf(name), session);
    this.#tell({ event: "opened", session: session.name });
    return session;
  }

  #leastLoaded(): WorkerSlot | null {
    const carried = this.#pool.slots
      .filter(({ usable }) => usable)
      .map((slot) => ({ slot, consumers: this.#consumersOf(slot), sessions: this.#sessionsOf(slot).length }))
      .filter(({ consumers }) => consumers < this.#limits.consumersPerWorker)
      .sort((a, b) => a.consumers - b.consumers || a.sessions - b.sessions);
    return carried[0]?.slot ?? null;
  }

  #sessionsOf(slot: WorkerSlot): NodeSession[] {
    return [...this.#sessions.values()].filter((session) => session.slot === slot);
  }

  #consumersOf(slot: WorkerSlot): number {
    return this.#sessionsOf(slot).reduce((total, { consumers }) => total + consumers, 0);
  }

  #find(name: SessionName): NodeSession {
    const session = this.#sessions.get(keyOf(name));
    if (!session) throw new DomainError("call_gone");
    return session;
  }

  /** `reason`: why everyone has lost it; null: in good order. */
  #end(session: NodeSession, reason: string | null): void {
    const key = keyOf(session.name);
    if (this.#sessions.get(key) !== session) return;
    this.#sessions.delete(key);
    session.close();
    const { name } = session;
    this.#tell(
      reason === null ? { event: "ended", session: name } : { event: "gone", session: name, reason },
    );
    if (this.#sessions.size === 0) for (const emptied of this.#emptied.splice(0)) emptied();
  }

  #tell(event: NodeEvent): void {
    if (event.event === "gone") {
      const { ref, n } = event.session;
      this.#log.warn({ room: roomKey(ref), session: n, reason: event.reason }, "a media session is gone");
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export function keyOf({ org, ref, n }: SessionName): string {
  return JSON.stringify([org, ref.kind, ref.id, n]);
}
