import { setTimeout as delay } from "node:timers/promises";
import { backoff } from "../../../client/sdk/lib/backoff.ts";
import { systemClock } from "../../../client/sdk/lib/clock.ts";
import { serverMessages } from "../../../core/protocol/events.ts";
import type { Place } from "../../fanout/load/dialects.ts";
import { reserveSeat, type Seat } from "../../fanout/load/seat.ts";
import type { Arrival, Attendee, MemberListener } from "./attendee.ts";
import { type Frame, Seated } from "./seated.ts";

interface Command {
  readonly id: string;
  readonly body: string;
  attempts: number;
}

const consented = 4_000;
/** How long the kept seat may take before the matchmaker is asked (ms), as in our SDK. */
const movePatience = 3_000;
const passing: readonly unknown[] = ["busy", "rate_limited", "room_closed", "unavailable"];
const resuming = "resume";

/**
 * A member of a chat as our SDK is one, at a fraction of its cost: it follows the room where that moves, takes
 * another seat when the connection is lost, sends again with the same id what was not answered, and asks for what
 * it missed. It does without the heartbeat and the decoded state.
 */
export class Member implements Attendee {
  readonly #place: Place;
  readonly #elsewhere: () => string;
  readonly #listener: MemberListener;
  #present: Seated | null = null;
  /** Of the latest try to take a seat; what comes of earlier ones is given up. */
  #turn = 0;
  #moving = false;
  /** Whether what is sent now goes out now. */
  #ready = false;
  /** On a new seat, and not everything is caught up. */
  #behind = true;
  #over = false;
  #requests = 0;
  #lastSeq = 0;
  /** The latest event that there is, as far as is known. */
  #seenSeq = 0;
  #isResuming = false;
  /** Without an answer, in order, by id. */
  readonly #commands = new Map<string, Command>();
  /** What each request of the present seat is about: the id of a command, or `resuming`. */
  #asked = new Map<number, string>();

  /** `elsewhere`: where the matchmaker is asked when the connection is lost. */
  constructor(place: Place, elsewhere: () => string, listener: MemberListener) {
    this.#place = place;
    this.#elsewhere = elsewhere;
    this.#listener = listener;
  }

  get unanswered(): number {
    return this.#commands.size;
  }

  async join(): Promise<void> {
    await this.#sit(await reserveSeat("chat", this.#place), this.#place.url, "joined");
  }

  send(id: string, body: string): void {
    const command = { id, body, attempts: 0 };
    this.#commands.set(id, command);
    if (this.#ready) this.#ask(command);
  }

  leave(): void {
    this.#over = true;
    this.#present?.close(consented);
  }

  /** Takes a seat, in the place of the present one as soon as it shows the room. Throws when it is not to be had. */
  async #sit(seat: Seat, url: string, how: Arrival): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { token } = this.#place;
    await Seated.take(seat, token === undefined ? { url } : { url, token }, {
      state: (seated, lastSeq) => {
        if (turn === this.#turn && !this.#over) this.#use(seated, lastSeq, how);
        else seated.close(consented);
        resolve();
      },
      received: (seated, frame) => {
        if (seated === this.#present) this.#receive(frame, how);
      },
      closed: (seated, code) => {
        if (seated === this.#present) this.#lose(code);
        reject(new Error(`The connection was closed (${code}).`));
      },
    });
    await promise;
  }

  #use(seated: Seated, lastSeq: number, how: Arrival): void {
    this.#present?.close(consented);
    this.#present = seated;
    this.#moving = false;
    this.#isResuming = false;
    this.#asked = new Map();
    if (how === "joined") this.#lastSeq = lastSeq;
    this.#seenSeq = Math.max(this.#seenSeq, lastSeq);
    this.#ready = true;
    this.#behind = true;
    this.#catchUp(how);
    // What has no answer need not wait for what was missed.
    for (const command of this.#commands.values()) this.#ask(command);
  }

  #catchUp(how: Arrival): void {
    if (this.#seenSeq > this.#lastSeq) {
      if (this.#isResuming) return;
      this.#isResuming = true;
      this.#listener.count("resumes");
      this.#request("chat.resume", { after: this.#lastSeq }, resuming);
    } else if (this.#behind) {
      this.#behind = false;
      this.#listener.seated(how);
    }
  }

  #ask(command: Command): void {
    command.attempts += 1;
    this.#request("chat.send", { id: command.id, body: command.body }, command.id);
  }

  #request(name: string, payload: object, about: string): void {
    this.#requests += 1;
    this.#asked.set(this.#requests, about);
    this.#present?.request(this.#requests, name, payload);
  }

  #receive(frame: Frame, how: Arrival): void {
    if (frame.type === "reply") this.#answered(frame, how);
    else if (frame.name === serverMessages.moved) this.#follow(frame.payload);
    else if (frame.name === serverMessages.events && !this.#moving) {
      this.#takeIn(frame.payload);
      this.#catchUp(how);
    }
  }

  #answered({ request, ok, payload }: Extract<Frame, { type: "reply" }>, how: Arrival): void {
    const about = this.#asked.get(request);
    this.#asked.delete(request);
    if (about === undefined) return;
    if (about !== resuming) {
      if (!ok) this.#refused(about, payload);
      else if (this.#commands.delete(about)) this.#listener.acknowledged(about);
    } else if (!ok) this.#listener.fault(`it could not resume: ${JSON.stringify(payload)}`);
    else {
      this.#isResuming = false;
      this.#takeIn(field(payload, "events"));
      if (!this.#moving) this.#catchUp(how);
    }
  }

  #refused(id: string, rejection: unknown): void {
    const command = this.#commands.get(id);
    if (!command) return;
    if (!passing.includes(field(rejection, "code"))) {
      this.#commands.delete(id);
      this.#listener.fault(`a message was refused: ${JSON.stringify(rejection)}`);
      return;
    }
    this.#listener.count("retries");
    const seat = this.#present;
    const given = field(rejection, "retryAfterMs");
    const pause = typeof given === "number" ? given : backoff(systemClock, command.attempts - 1);
    setTimeout(() => {
      // Over another seat it has been sent again already.
      if (this.#ready && seat === this.#present && this.#commands.has(id)) this.#ask(command);
    }, pause);
  }

  #takeIn(events: unknown): void {
    if (!Array.isArray(events)) this.#listener.fault("what came as events is no list");
    for (const event of Array.isArray(events) ? events : []) {
      const { seq, prev, body } = { seq: 0, prev: 0, body: null, ...event };
      this.#seenSeq = Math.max(this.#seenSeq, seq);
      if (seq <= this.#lastSeq) this.#listener.count("repeats");
      else if (prev <= this.#lastSeq) {
        this.#lastSeq = seq;
        if (typeof body === "string") this.#listener.message(body);
      }
    }
  }

  #follow(payload: unknown): void {
    const seat = field(payload, "seat");
    if (!isSeat(seat)) {
      this.#listener.fault("the room has moved without a seat for its member");
      return;
    }
    this.#ready = false;
    this.#moving = true;
    this.#listener.told();
    const taking = this.#sit(seat, this.#place.url, "moved");
    const turn = this.#turn;
    const failed = () => {
      if (turn === this.#turn && this.#moving) this.#lose(0);
    };
    const patience = setTimeout(failed, movePatience);
    taking.catch(failed).finally(() => clearTimeout(patience));
  }

  #lose(code: number): void {
    if (this.#over) return;
    const pause = this.#moving ? 0 : backoff(systemClock, 0);
    this.#present?.close();
    this.#present = null;
    this.#turn += 1;
    this.#ready = false;
    this.#moving = false;
    this.#listener.lost(code);
    void this.#rejoin(pause);
  }

  async #rejoin(pause: number): Promise<void> {
    for (let attempt = 1; !this.#over; attempt += 1) {
      await delay(attempt === 1 ? pause : backoff(systemClock, attempt));
      const url = this.#elsewhere();
      try {
        return await this.#sit(await reserveSeat("chat", { ...this.#place, url }), url, "rejoined");
      } catch {
        // The next try may find the room.
      }
    }
  }
}

function isSeat(value: unknown): value is Seat {
  return typeof value === "object" && value !== null && "sessionId" in value && "roomId" in value;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
