import { WebSocket } from "ws";
import { DomainError } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { LostSession } from "../backend.ts";
import { controlPath, frameLimit, type NodeFrame, nodeFrame, readFrame } from "./control-frames.ts";
import {
  type Answers,
  type Asks,
  type Form,
  type NodeRequestName,
  nodeRequests,
} from "./control-protocol.ts";
import type { ControlTokens } from "./control-tokens.ts";
import { keyOf, type NodeEvent, type NodeLoad } from "./media-node.ts";
import type { NodePort } from "./nodes.ts";

export interface RemoteNodeParts {
  readonly id: string;
  /** Host and port of its control channel. */
  readonly address: string;
  /** This process. */
  readonly self: string;
  readonly tokens: ControlTokens;
  readonly log: Logger;
  lost(session: LostSession): void;
}

/** A node that has said nothing for so long is lost, and everything on it. */
export const silentMs = 3_000;
const answerMs = 2_500;
const handshakeMs = 2_000;
const watchEveryMs = 250;
const firstPauseMs = 100;
const longestPauseMs = 2_000;
const nothing: NodeLoad = {
  workers: 0,
  sessions: 0,
  producers: 0,
  consumers: 0,
  capacity: 0,
  draining: false,
};

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

type Hello = Extract<NodeFrame, { hello: string }>;

/** A media node in another process, over its control channel. It connects by itself, again and again, until it is stopped. */
export class RemoteNode implements NodePort {
  readonly id: string;
  readonly #parts: RemoteNodeParts;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watch: NodeJS.Timeout;
  /** The sessions that it has, as it says. */
  readonly #sessions = new Map<string, LostSession["session"]>();
  #socket: WebSocket | null = null;
  #welcome = Promise.withResolvers<WebSocket>();
  #load: NodeLoad = nothing;
  #heardAt = performance.now();
  #greeted = false;
  #nextId = 1;
  #pauseMs = firstPauseMs;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: RemoteNodeParts) {
    this.id = parts.id;
    this.#parts = parts;
    this.#watch = setInterval(() => this.#checkSilence(), watchEveryMs);
    this.#renewWelcome();
    void this.#connect();
  }

  load(): NodeLoad {
    return this.#load;
  }

  heard(): boolean {
    return this.#greeted && !this.lost;
  }

  /** It has said nothing for too long. */
  get lost(): boolean {
    return performance.now() - this.#heardAt > silentMs;
  }

  async ask<N extends NodeRequestName>(name: N, asked: Asks<N>): Promise<Answers<N>> {
    const form: Form<N> = nodeRequests[name];
    return form.answers.parse(await this.#ask(name, asked));
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#watch);
    clearTimeout(this.#again);
    this.#socket?.terminate();
    this.#failAll();
  }

  #ask(name: string, data: unknown): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`the media node has not answered within ${answerMs} ms`));
      }, answerMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#welcome.promise.then(
        (socket) => {
          if (this.#waiting.has(id)) socket.send(JSON.stringify({ id, ask: name, data }));
        },
        () => {},
      );
    });
  }

  async #connect(): Promise<void> {
    const { id, address, self, tokens, log } = this.#parts;
    try {
      const { token, nonce } = await tokens.ask(self, id);
      if (this.#stopped) return;
      const socket = new WebSocket(`ws://${address}${controlPath}`, {
        headers: { authorization: `Bearer ${token}` },
        handshakeTimeout: handshakeMs,
        maxPayload: frameLimit,
        followRedirects: false,
      });
      this.#socket = socket;
      let greeted = false;
      socket.on("error", (error) => log.debug({ err: error, node: id }, "a media node cannot be reached"));
      socket.on("close", () => this.#closed(socket));
      socket.on("message", (message) => {
        const frame = readFrame(nodeFrame, String(message));
        if (!frame) return socket.terminate();
        if (greeted) return this.#take(frame);
        greeted = true;
        if (!("hello" in frame)) return socket.terminate();
        tokens.checkAnswer(frame.hello, id, { from: self, nonce }).then(
          () => this.#greet(socket, frame),
          (error: unknown) => {
            log.warn({ err: error, node: id }, "what answers there is not the media node it says it is");
            socket.terminate();
          },
        );
      });
    } catch (error) {
      log.warn({ err: error, node: id }, "a media node cannot be asked");
      this.#retry();
    }
  }

  #greet(socket: WebSocket, { load, sessions }: Hello): void {
    if (socket !== this.#socket || socket.readyState !== socket.OPEN) return;
    this.#sessions.clear();
    for (const session of sessions) this.#sessions.set(keyOf(session), session);
    this.#heard(load);
    this.#greeted = true;
    this.#pauseMs = firstPauseMs;
    this.#welcome.resolve(socket);
  }

  #take(frame: NodeFrame): void {
    this.#heardAt = performance.now();
    if ("tell" in frame) this.#takeEvent(frame.tell);
    else if ("load" in frame) this.#heard(frame.load);
    else this.#takeReply(frame);
  }

  #takeReply(frame: Extract<NodeFrame, { id: number }>): void {
    const waiting = this.#waiting.get(frame.id);
    if (!waiting) return;
    this.#waiting.delete(frame.id);
    clearTimeout(waiting.timer);
    if ("answer" in frame) waiting.resolve(frame.answer);
    else if ("refused" in frame) {
      const { code, message, retryAfterMs } = frame.refused;
      waiting.reject(new DomainError(code, message, { retryAfterMs }));
    } else waiting.reject(new Error("the media node failed"));
  }

  #takeEvent(event: NodeEvent): void {
    const { session } = event;
    if (event.event === "opened") this.#sessions.set(keyOf(session), session);
    if (event.event === "ended" || event.event === "gone") this.#sessions.delete(keyOf(session));
    if (event.event === "gone") this.#parts.lost({ session, reason: event.reason });
    if (event.event === "drain") this.#parts.lost({ session, reason: "drain" });
  }

  #heard(load: NodeLoad): void {
    this.#heardAt = performance.now();
    this.#load = load;
  }

  /** Whoever has a session there is told, once. */
  #checkSilence(): void {
    if (!this.lost) return;
    this.#greeted = false;
    if (this.#sessions.size > 0)
      this.#parts.log.warn({ node: this.id }, "a media node is silent; its calls go on elsewhere");
    for (const session of this.#sessions.values()) this.#parts.lost({ session, reason: "node_lost" });
    this.#sessions.clear();
    this.#socket?.terminate();
  }

  #closed(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#greeted = false;
    this.#failAll();
    this.#renewWelcome();
    this.#retry();
  }

  #failAll(): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error("the connection to the media node broke"));
    }
    this.#waiting.clear();
  }

  #renewWelcome(): void {
    this.#welcome = Promise.withResolvers();
    // Nobody may be waiting for it.
    this.#welcome.promise.catch(() => {});
  }

  #retry(): void {
    if (this.#stopped) return;
    this.#again = setTimeout(() => void this.#connect(), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }
}
