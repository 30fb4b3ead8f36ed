import type { types } from "mediasoup";
import { peopleLimit } from "../../core/domain/call/state.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { MediasoupJoin, MediasoupRequest, Offered } from "../../core/protocol/mediasoup.ts";
import type { Joining, MediaSession } from "../backend.ts";
import type { NodeLimits } from "./limits.ts";
import { type Given, Presence, type Taken } from "./presence.ts";
import { routerCodecs } from "./router-codecs.ts";
import { dtlsParameters, rtpCapabilities, rtpParameters } from "./rtp.ts";
import { SessionTap } from "./session-tap.ts";
import { Speaking, type Voices } from "./speaking.ts";
import type { Running, WorkerSlot } from "./worker-pool.ts";

/** A session as its room names it. */
export type SessionName = Pick<MediaSession, "org" | "ref" | "n">;

export interface SessionParts {
  readonly name: SessionName;
  readonly slot: WorkerSlot;
  readonly limits: NodeLimits;
  /** Whether its worker carries one consumer more. */
  hasRoom(slot: WorkerSlot): boolean;
  /** Nobody has been in it for too long. */
  idle(session: NodeSession): void;
}

type Ask<A extends MediasoupRequest["ask"]> = Extract<MediasoupRequest, { ask: A }>;

const fullRetryMs = 2_000;
const highestLayer = 2;

/** One session on one worker: its people, what they give, and who takes what of it. What is asked of it is done in turn. */
export class NodeSession {
  readonly name: SessionName;
  readonly slot: WorkerSlot;
  readonly tap: SessionTap;
  readonly #parts: SessionParts;
  readonly #router: types.Router;
  readonly #server: types.WebRtcServer;
  readonly #direct: types.DirectTransport;
  readonly #people = new Map<string, Presence>();
  #speaking: Speaking | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  private constructor(
    parts: SessionParts,
    router: types.Router,
    server: types.WebRtcServer,
    direct: types.DirectTransport,
  ) {
    this.name = parts.name;
    this.slot = parts.slot;
    this.#parts = parts;
    this.#router = router;
    this.#server = server;
    this.#direct = direct;
    this.tap = new SessionTap(router, () => this.#inTurn(() => this.#settle()));
    this.#restWhenEmpty();
  }

  static async open(parts: SessionParts, { worker, server }: Running): Promise<NodeSession> {
    const router = await worker.createRouter({ mediaCodecs: routerCodecs });
    try {
      const session = new NodeSession(parts, router, server, await router.createDirectTransport());
      session.#speaking = await Speaking.start(router, peopleLimit, (voices) => session.#tellVoices(voices));
      return session;
    } catch (error) {
      router.close();
      throw error;
    }
  }

  get consumers(): number {
    return sum([...this.#people.values()].map(({ taken }) => taken.size)) + this.tap.size;
  }

  get producers(): number {
    return sum([...this.#people.values()].map(({ given }) => given.size));
  }

  get people(): number {
    return this.#people.size;
  }

  /** Somebody takes part. An earlier presence of theirs ends. */
  join({ person, listens = false }: Joining): Promise<Omit<MediasoupJoin, "iceServers">> {
    return this.#inTurn(async () => {
      if (!this.#parts.hasRoom(this.slot)) throw full();
      clearTimeout(this.#idle);
      const presence = await Presence.open(
        { person, listens },
        {
          router: this.#router,
          server: this.#server,
          direct: this.#direct,
          limits: this.#parts.limits,
          listening: (one) => this.#tellOffers([one]),
          lost: (one) => this.#remove(one),
        },
      ).finally(() => this.#restWhenEmpty());
      const before = this.#people.get(person);
      this.#people.set(person, presence);
      this.#restWhenEmpty();
      if (before) this.#part(() => before.displace());
      return presence.ticket(this.#router.rtpCapabilities);
    });
  }

  /** Throws DomainError. */
  signal(person: string, request: MediasoupRequest): Promise<object> {
    return this.#inTurn(async () => {
      const me = this.#people.get(person);
      if (!me) throw new DomainError("call_gone");
      if (me.id !== request.presence) throw new DomainError("call_moved");
      const answer = await this.#answer(me, request).catch(wrongUnless(() => this.#router.closed));
      await this.#settle();
      this.#tellOffers();
      return answer;
    });
  }

  async leave(person: string): Promise<void> {
    const presence = this.#people.get(person);
    if (presence) this.#remove(presence);
  }

  close(): void {
    clearTimeout(this.#idle);
    for (const presence of this.#people.values()) presence.close();
    this.#people.clear();
    this.tap.close();
    this.#router.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(async () => {
      if (this.#router.closed) throw new DomainError("call_gone");
      return work().catch((cause: unknown) => {
        throw this.#router.closed ? new DomainError("call_gone", undefined, { cause }) : cause;
      });
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #answer(me: Presence, request: MediasoupRequest): Promise<object> {
    switch (request.ask) {
      case "connect":
        await me.connect(request.transport, dtlsParameters.parse(request.dtlsParameters));
        return {};
      case "restartIce":
        return { iceParameters: await me.transport(request.transport).restartIce() };
      case "produce":
        return this.#produce(me, request);
      case "pause":
        ownGiven(me, request.producer).off = request.on;
        return {};
      case "unproduce":
        me.drop(ownGiven(me, request.producer));
        return {};
      case "consume":
        return this.#consume(me, request);
      case "watch":
        await watch(me, request);
        return {};
      case "withhold":
        me.withheld = new Set(request.from);
        return {};
    }
  }

  async #produce(me: Presence, { slot, rtpParameters: parameters }: Ask<"produce">): Promise<object> {
    if (!me.send) throw new DomainError("forbidden", "You listen to this call. Nothing can be given to it.");
    const before = me.given.get(slot);
    if (before) me.drop(before);
    const producer = await me.send.produce({
      kind: slot === "audio" ? "audio" : "video",
      rtpParameters: rtpParameters.parse(parameters),
    });
    const given: Given = { person: me.person, slot, producer, off: false };
    me.given.set(slot, given);
    producer.observer.once("close", () => this.#over(given));
    if (slot === "audio") await this.#speaking?.hear(me.person, producer);
    this.tap.given(given);
    return { producer: producer.id };
  }

  async #consume(me: Presence, { producer: id, rtpCapabilities: can }: Ask<"consume">): Promise<object> {
    const from = this.#offersTo(me.person).find(({ producer }) => producer.id === id);
    if (!from) throw new DomainError("participant_not_found");
    const capabilities = rtpCapabilities.parse(can);
    if (!this.#router.canConsume({ producerId: id, rtpCapabilities: capabilities })) {
      throw new DomainError("call_incompatible");
    }
    for (const { consumer } of [...me.taken.values()].filter((one) => one.from === from)) consumer.close();
    const tooMany = me.taken.size >= this.#parts.limits.consumersPerPerson;
    if (tooMany || !this.#parts.hasRoom(this.slot)) throw full();
    const consumer = await me.receive.consume({
      producerId: id,
      rtpCapabilities: capabilities,
      paused: true,
    });
    me.taken.set(consumer.id, { from, consumer, wanted: false });
    consumer.observer.once("close", () => me.taken.delete(consumer.id));
    const { kind, rtpParameters: parameters } = consumer;
    return { consumer: consumer.id, producer: id, kind, rtpParameters: parameters };
  }

  /** Nothing more comes of it. */
  #over(given: Given): void {
    this.tap.ended(given.producer.id);
    for (const { taken } of this.#people.values()) {
      for (const { from, consumer } of [...taken.values()]) if (from === given) consumer.close();
    }
  }

  /** What this person may have of the others. */
  #offersTo(person: string): Given[] {
    return [...this.#people.values()]
      .filter((one) => one.person !== person && !one.withheld.has(person))
      .flatMap(({ given }) => [...given.values()]);
  }

  /** Lets run what is wanted and may be had, and lets everything else stand still. */
  async #settle(): Promise<void> {
    const watched = new Set<Given>();
    for (const me of this.#people.values()) {
      for (const { from, consumer, wanted } of me.taken.values()) {
        const runs = wanted && !this.#people.get(from.person)?.withheld.has(me.person);
        if (runs) watched.add(from);
        if (runs === consumer.paused && !consumer.closed) await (runs ? consumer.resume() : consumer.pause());
      }
    }
    for (const { given } of this.#people.values()) {
      for (const one of given.values()) {
        // Who speaks is to be heard by the node in any case.
        const rests = one.slot !== "audio" && !watched.has(one) && !this.tap.takes(one.producer.id);
        const stands = one.off || rests;
        if (stands !== one.producer.paused && !one.producer.closed) {
          await (stands ? one.producer.pause() : one.producer.resume());
        }
      }
    }
  }

  #tellOffers(to: Iterable<Presence> = this.#people.values()): void {
    for (const presence of to) {
      const offers = this.#offersTo(presence.person).map(
        ({ person, slot, producer, off }): Offered => ({ person, slot, producer: producer.id, paused: off }),
      );
      presence.tell({ news: "offers", offers });
    }
  }

  #tellVoices({ person, levels }: Voices): void {
    for (const presence of this.#people.values()) {
      const heard = (one: string) => !this.#people.get(one)?.withheld.has(presence.person);
      presence.tell({
        news: "speaking",
        person: person !== null && heard(person) ? person : null,
        levels: Object.fromEntries(Object.entries(levels).filter(([one]) => heard(one))),
      });
    }
  }

  #remove(presence: Presence): void {
    if (this.#people.get(presence.person) === presence) this.#people.delete(presence.person);
    this.#part(() => presence.close());
    this.#restWhenEmpty();
  }

  /** The others do without what it gave. */
  #part(end: () => void): void {
    end();
    this.#tellOffers();
    if (!this.#router.closed) void this.#inTurn(() => this.#settle()).catch(() => {});
  }

  #restWhenEmpty(): void {
    clearTimeout(this.#idle);
    if (this.#people.size > 0) return;
    this.#idle = setTimeout(() => this.#parts.idle(this), this.#parts.limits.idleMs);
    this.#idle.unref();
  }
}

async function watch(me: Presence, { consumer: id, on, spatialLayer }: Ask<"watch">): Promise<void> {
  const taken: Taken | undefined = me.taken.get(id);
  if (!taken) throw new DomainError("participant_not_found");
  taken.wanted = on;
  if (!on || taken.consumer.type === "simple") return;
  await taken.consumer.setPreferredLayers({ spatialLayer: spatialLayer ?? highestLayer });
}

function ownGiven(me: Presence, id: string): Given {
  const found = [...me.given.values()].find(({ producer }) => producer.id === id);
  if (!found) throw new DomainError("participant_not_found");
  return found;
}

/** What mediasoup takes no pleasure in is the fault of what was asked, as long as the worker lives. */
function wrongUnless(gone: () => boolean): (cause: unknown) => never {
  return (cause) => {
    if (gone() || cause instanceof DomainError) throw cause;
    throw new DomainError("invalid_payload", undefined, { cause });
  };
}

function full(): DomainError {
  return new DomainError("busy", undefined, { retryAfterMs: fullRetryMs });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
