import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import type { VisitMessages } from "../connection/rooms.ts";
import { fromRejection } from "../errors.ts";
import type { FakeSfu } from "./fake-mediasoup.ts";

interface StubCallParts {
  tell<K extends keyof VisitMessages>(name: K, payload: VisitMessages[K], person?: string): void;
  show(): void;
}

interface Caller {
  readonly since: number;
  readonly audio: boolean;
  readonly video: boolean;
  readonly polite: boolean;
}

/** The call in a stub's visit: who is in it, over which session, and what passes between them. */
export class StubCall {
  readonly people = new Map<string, Caller>();
  n = 0;
  stage: "none" | "opening" | "open" | "unavailable" = "none";
  /** Refuses whoever wants to join. */
  refuses: Rejection | null = null;
  /** Sessions that their backend has lost. */
  readonly gone = new Set<number>();
  /** What carries the sessions from now on; null: browsers themselves. */
  sfu: FakeSfu | null = null;
  /** Passes no signals on. */
  deaf = false;
  readonly failures: number[] = [];
  private readonly parts: StubCallParts;

  constructor(parts: StubCallParts) {
    this.parts = parts;
  }

  get state() {
    const { n, stage: state, people } = this;
    return { n, backend: n === 0 ? "" : this.backend, state, people };
  }

  /** A request without an own answer has an empty one. */
  handle(person: string, name: string, payload: object): object {
    if (name === "media.join") return this.join(person);
    if (name === "media.leave") {
      this.sfu?.leave(person);
      this.drop(person);
    }
    if (name === "media.failed" && "session" in payload) this.fail(Number(payload.session));
    if (name === "media.mute" && "participant" in payload) {
      this.parts.tell("media.muteAsked", { participant: String(payload.participant), by: person });
    }
    return {};
  }

  signal(from: string, payload: object): object {
    if (!("session" in payload && "data" in payload)) throw fromRejection(rejection("invalid_payload"));
    const { session, data } = payload;
    const to = "to" in payload ? payload.to : null;
    if (session !== this.n || !this.people.has(from)) throw fromRejection(rejection("call_moved"));
    if (this.gone.has(this.n)) throw fromRejection(rejection("call_gone"));
    const copy: unknown = JSON.parse(JSON.stringify(data));
    if (to === null) return { data: this.sfu?.ask(from, copy) };
    if (!this.deaf) this.parts.tell("media.signal", { session: this.n, from, data: copy }, String(to));
    return {};
  }

  /** The session breaks: the next one takes its place. */
  next(): void {
    this.n += 1;
    const session = { n: this.n, backend: this.backend };
    this.parts.tell("media.switched", { session, reason: "ice_failed" });
    this.parts.show();
  }

  /** The session breaks, and nothing takes its place for now. */
  breaks(): void {
    this.stage = "unavailable";
    this.refuses = rejection("media_unavailable");
    this.parts.show();
  }

  drop(person: string): void {
    this.people.delete(person);
    if (this.people.size === 0) this.stage = "none";
    this.parts.show();
  }

  private get backend(): "mediasoup" | "peer" {
    return this.sfu ? "mediasoup" : "peer";
  }

  private join(person: string): object {
    if (this.refuses) throw fromRejection(this.refuses);
    if (this.gone.has(this.n)) throw fromRejection(rejection("call_gone"));
    if (this.stage === "none" || this.stage === "unavailable") {
      this.n += 1;
      this.stage = "open";
    }
    const polite =
      this.people.get(person)?.polite ?? [...this.people.values()].some((other) => !other.polite);
    this.people.set(person, { since: 1, audio: true, video: true, polite });
    this.parts.show();
    const { n, backend, sfu } = this;
    const join = sfu ? sfu.join(person) : { backend: "peer", iceServers: [], polite };
    return { session: { n, backend }, join };
  }

  private fail(n: number): void {
    this.failures.push(n);
    if (n === this.n) this.next();
  }
}
