import { observer, type types } from "mediasoup";
import { describe, expect } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { loadConfig } from "../../core/platform/config.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { type MediasoupNews, type MediasoupRequest, mediasoupNews } from "../../core/protocol/mediasoup.ts";
import type { NodeLimits } from "../../media/mediasoup/limits.ts";
import { MediaNode, type NodeEvent } from "../../media/mediasoup/media-node.ts";
import type { SessionName } from "../../media/mediasoup/node-session.ts";
import { findWorker, workerVersion } from "../../media/mediasoup/worker-binary.ts";

const { mediasoup: settings } = loadConfig({
  ...(process.env.MEDIASOUP_WORKER_BIN ? { MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN } : {}),
  PATH: process.env.PATH,
  MEDIASOUP_WORKERS: "1",
}).media;

const worker = findWorker(settings);
export const hasWorker = worker !== null;

/** Tests that need a real worker; where there is none they are left out, and it is said what is not tried. */
export const withWorker = (what: string, tests: () => void): void => {
  if (worker === null) {
    process.stderr.write(
      `\nNOT TRIED, as there is no mediasoup-worker ${workerVersion} here (MEDIASOUP_WORKER_BIN or PATH): ${what}\n`,
    );
  }
  describe.skipIf(worker === null)(what, tests);
};

export const quiet = createLogger({ level: "silent" });

/** A busy machine takes its time. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000, interval: 50 });

let sessions = 0;
export function newSession(): SessionName {
  sessions += 1;
  return { org: "clinic", ref: { kind: "consultation", id: `v${sessions}` }, n: 1 };
}

export function startNode(
  limits: Partial<NodeLimits> = {},
  more: { readonly id?: string; readonly workers?: number } = {},
): Promise<MediaNode> {
  return MediaNode.start({
    id: more.id ?? "node",
    settings: { ...settings, workers: more.workers ?? 1, listen: [{ ip: "127.0.0.1", announced: null }] },
    log: quiet,
    limits,
  });
}

/** Resolves with the first event that is wanted. */
export function nextEvent(node: Pick<MediaNode, "watch">, wanted: NodeEvent["event"]): Promise<NodeEvent> {
  const { promise, resolve } = Promise.withResolvers<NodeEvent>();
  const stop = node.watch((event) => {
    if (event.event !== wanted) return;
    stop();
    resolve(event);
  });
  return promise;
}

/** Everything that workers made, as mediasoup itself tells it. */
export class Made {
  readonly workers: types.Worker[] = [];
  readonly routers: types.Router[] = [];
  readonly transports: types.Transport[] = [];
  readonly producers = new Map<string, types.Producer>();
  readonly consumers = new Map<string, types.Consumer>();
  /** What was said over each data producer, by its id. */
  readonly said = new Map<string, MediasoupNews[]>();

  constructor() {
    observer.on("newworker", (worker) => {
      this.workers.push(worker);
      worker.observer.on("newrouter", (router) => {
        this.routers.push(router);
        router.observer.on("newtransport", (transport) => this.#watch(transport));
      });
    });
  }

  #watch(transport: types.Transport): void {
    this.transports.push(transport);
    transport.observer.on("newproducer", (one) => void this.producers.set(one.id, one));
    transport.observer.on("newconsumer", (one) => void this.consumers.set(one.id, one));
    transport.observer.on("newdataproducer", (one) => {
      const heard: MediasoupNews[] = [];
      this.said.set(one.id, heard);
      one.send = (message) => void heard.push(mediasoupNews.parse(JSON.parse(String(message))));
    });
  }
}

type Unsigned<R> = R extends MediasoupRequest ? Omit<R, "presence"> : never;

/** Somebody in a session on a node, without a browser. */
export class Guest {
  readonly person: string;
  readonly ticket: Awaited<ReturnType<MediaNode["join"]>>;
  readonly #node: MediaNode;
  readonly #session: SessionName;
  readonly #made: Made;

  private constructor(
    person: string,
    ticket: Guest["ticket"],
    node: MediaNode,
    session: SessionName,
    made: Made,
  ) {
    this.person = person;
    this.ticket = ticket;
    this.#node = node;
    this.#session = session;
    this.#made = made;
  }

  static async join(
    node: MediaNode,
    session: SessionName,
    person: string,
    made: Made,
    listens = false,
  ): Promise<Guest> {
    const ticket = await node.join(session, { person, polite: false, listens });
    return new Guest(person, ticket, node, session, made);
  }

  /** The answer, or the code of the refusal. */
  async ask(request: Unsigned<MediasoupRequest>): Promise<Record<string, unknown>> {
    try {
      const asked = { ...request, presence: this.ticket.presence };
      return { ...(await this.#node.signal(this.#session, this.person, asked)) };
    } catch (error) {
      if (error instanceof DomainError) return { code: error.code };
      throw error;
    }
  }

  async give(slot: "audio" | "video" | "screen", ssrc: number): Promise<string> {
    const { producer, code } = await this.ask({ ask: "produce", slot, rtpParameters: rtpOf(slot, ssrc) });
    if (code) throw new Error(String(code));
    return String(producer);
  }

  /** Takes something and looks at it, or listens to it. */
  async take(producer: string): Promise<types.Consumer> {
    const { rtpCapabilities } = { rtpCapabilities: this.ticket.routerRtpCapabilities };
    const { consumer, code } = await this.ask({ ask: "consume", producer, rtpCapabilities });
    if (code) throw new Error(String(code));
    await this.watch(String(consumer), true);
    const found = this.#made.consumers.get(String(consumer));
    if (!found) throw new Error("no such consumer");
    return found;
  }

  watch(consumer: string, on: boolean, spatialLayer?: number): Promise<Record<string, unknown>> {
    return this.ask({ ask: "watch", consumer, on, ...(spatialLayer === undefined ? {} : { spatialLayer }) });
  }

  /** What they were told last, of what others give: `person slot`, with `off` where it stands. */
  get offers(): readonly string[] {
    const offers = this.news.findLast((one) => one.news === "offers")?.offers ?? [];
    return offers.map(({ person, slot, paused }) => `${person} ${slot}${paused ? " off" : ""}`);
  }

  get news(): readonly MediasoupNews[] {
    return this.#made.said.get(this.ticket.news.dataProducerId) ?? [];
  }
}

/** What a browser sends: Opus, or VP8 in three sizes. */
export function rtpOf(slot: "audio" | "video" | "screen", ssrc: number): types.RtpParameters {
  if (slot === "audio") {
    return {
      mid: "a",
      codecs: [{ mimeType: "audio/opus", payloadType: 111, clockRate: 48_000, channels: 2 }],
      headerExtensions: [{ uri: "urn:ietf:params:rtp-hdrext:ssrc-audio-level", id: 10 }],
      encodings: [{ ssrc, dtx: true }],
      rtcp: { cname: `c${ssrc}` },
    };
  }
  return {
    mid: slot,
    codecs: [
      {
        mimeType: "video/VP8",
        payloadType: 96,
        clockRate: 90_000,
        rtcpFeedback: [{ type: "nack" }, { type: "nack", parameter: "pli" }],
      },
    ],
    encodings: [{ ssrc }, { ssrc: ssrc + 1 }, { ssrc: ssrc + 2 }],
    rtcp: { cname: `c${ssrc}` },
  };
}
