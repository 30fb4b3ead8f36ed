import type { Step, Told } from "./drills.ts";
import { type Received, readReceived } from "./frames.ts";

/** What became of one command. Times in milliseconds since it was sent. */
export interface Followed {
  readonly step: Step;
  /** When each staff screen had its patch. */
  readonly patchedAt: readonly number[];
  /** When the last of those who had to be told had been; null: nobody had to. */
  readonly toldAt: number | null;
  /** Messages to patients, other than replies. */
  readonly messages: number;
  /** The same bytes for everyone. */
  readonly patch: Buffer;
}

interface Open {
  readonly step: Step;
  readonly request: number;
  readonly since: number;
  readonly owed: Map<string, Told>;
  /** Patients still to be told, after their place, that they are called. */
  readonly calls: Set<string>;
  readonly patchedAt: (number | undefined)[];
  patches: number;
  patch: Buffer | null;
  messages: number;
  toldAt: number | null;
  /** The seq that places and reply name: one command's, so the same. */
  readonly seqs: Set<unknown>;
  replied: boolean;
  resolve(followed: Followed): void;
  reject(fault: Error): void;
}

/**
 * Accounts for every frame that the server sends, a command at a time: each staff screen has one patch, the
 * same for all; exactly those whose place or status changed are told, and rightly; whoever asked has a reply.
 * Anything more, less or else is a fault, and the benchmark ends with it.
 */
export class Watch {
  readonly #staff: number;
  readonly #patienceMs: number;
  #open: Open | null = null;
  #requests = 0;
  /** What was sent while no command was under way. */
  #stray: Error | null = null;

  /** `patienceMs`: what has not come by then does not come. */
  constructor(staff: number, patienceMs = 20_000) {
    this.#staff = staff;
    this.#patienceMs = patienceMs;
  }

  /** Sends a command and resolves when everything that follows from it has. Throws at the first fault. */
  async follow(step: Step, send: (request: number) => void): Promise<Followed> {
    if (this.#stray) throw this.#stray;
    this.#requests += 1;
    const { promise, resolve, reject } = Promise.withResolvers<Followed>();
    const open: Open = {
      step,
      request: this.#requests,
      since: performance.now(),
      owed: new Map(step.told),
      calls: new Set(),
      patchedAt: [],
      patches: 0,
      patch: null,
      messages: 0,
      toldAt: null,
      seqs: new Set(),
      replied: false,
      resolve,
      reject,
    };
    this.#open = open;
    const timer = setTimeout(() => this.#fail(missing(open, this.#staff)), this.#patienceMs);
    send(open.request);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#open = null;
    }
  }

  /** A frame on the screen of the staff's `screen`th. */
  staff(screen: number, frame: Buffer): void {
    this.#judge(this.#onScreen(screen, frame, performance.now()));
  }

  /** A frame to a patient. */
  patient(person: string, frame: Buffer): void {
    this.#judge(this.#toPatient(person, frame, performance.now()));
  }

  /** A connection was closed. */
  closed(who: string, code: number): void {
    this.#fail(`the connection of ${who} was closed (${code})`);
  }

  /** These say what is wrong; null: nothing. */
  #onScreen(screen: number, frame: Buffer, now: number): string | null {
    const received = readReceived(frame);
    if (received.type === "reply") return this.#reply(received);
    const open = this.#open;
    if (received.type !== "patch" || !open) return `a staff screen was sent ${words(received)}`;
    if (open.patchedAt[screen] !== undefined) return "a staff screen was sent a second patch";
    open.patch ??= Buffer.from(frame);
    if (!open.patch.equals(frame)) return "two staff screens were sent different patches";
    open.patchedAt[screen] = now - open.since;
    open.patches += 1;
    return null;
  }

  #toPatient(person: string, frame: Buffer, now: number): string | null {
    const received = readReceived(frame);
    if (received.type === "reply") return this.#reply(received);
    const open = this.#open;
    if (received.type !== "message" || !open) {
      return `${person} was sent ${words(received)} of ${frame.length} byte(s)`;
    }
    open.messages += 1;
    open.toldAt = now - open.since;
    if (received.name === "queue.called" && open.calls.delete(person)) return null;
    const owed = open.owed.get(person);
    if (!owed || received.name !== "queue.place") {
      return `${person}, to whom nothing happened, was sent ${words(received)}`;
    }
    const { place, status, seq } = fieldsOf(received.payload);
    if (place !== owed.place || status !== owed.status) {
      return `${person} was sent ${words(received)} instead of ${JSON.stringify(owed)}`;
    }
    open.seqs.add(seq);
    open.owed.delete(person);
    if (owed.called) open.calls.add(person);
    return null;
  }

  #reply({ request, ok, payload }: Extract<Received, { type: "reply" }>): string | null {
    const open = this.#open;
    if (!open || request !== open.request) return `reply ${request} came, for which nobody waits`;
    if (!ok) return `it was refused: ${JSON.stringify(payload)}`;
    open.seqs.add(fieldsOf(payload).seq);
    open.replied = true;
    return null;
  }

  #judge(fault: string | null): void {
    if (fault !== null) this.#fail(fault);
    else if (this.#open) this.#settle(this.#open);
  }

  #settle({ step, owed, calls, patches, patch, patchedAt, ...open }: Open): void {
    if (!open.replied || !patch || patches < this.#staff || owed.size + calls.size > 0) return;
    if (open.seqs.size > 1) {
      this.#fail(`its messages name several seqs: ${[...open.seqs].join(", ")}`);
      return;
    }
    const { toldAt, messages } = open;
    const times = patchedAt.map((at) => at ?? Number.NaN);
    open.resolve({ step, patchedAt: times, toldAt, messages, patch });
  }

  #fail(what: string): void {
    const step = this.#open?.step;
    const fault = new Error(`${step ? `${step.name} ${JSON.stringify(step.payload)}` : "At rest"}: ${what}.`);
    if (this.#open) this.#open.reject(fault);
    else this.#stray ??= fault;
  }
}

function missing({ owed, calls, patches, replied }: Open, staff: number): string {
  const untold = [...owed.keys(), ...calls];
  const some = untold.slice(0, 3).join(", ");
  return [
    `not everyone knew in time: ${patches} of ${staff} staff screens had a patch`,
    `${untold.length} patients had not been told${some && ` (${some})`}`,
    replied ? "it was answered" : "it was not answered",
  ].join(", ");
}

function words(received: Received): string {
  if (received.type === "message") return `${received.name} ${JSON.stringify(received.payload)}`;
  return received.type === "other" ? `a frame with code ${received.code}` : `a ${received.type}`;
}

function fieldsOf(payload: unknown): { place: unknown; status: unknown; seq: unknown } {
  return { place: undefined, status: undefined, seq: undefined, ...(payload ?? {}) };
}
