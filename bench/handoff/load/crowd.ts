import { setTimeout as delay } from "node:timers/promises";
import { mapAtOnce } from "../../at-once.ts";
import type { Arrival, Attendee, AttendeePlace, ClientKind, MemberListener } from "./attendee.ts";
import { Member } from "./member.ts";
import { type Counts, now, type Records, roomOf, senderOf } from "./records.ts";
import { SdkMember } from "./sdk-member.ts";

export interface LoadOptions {
  /** Messages a second of each room. */
  readonly ratePerRoom: number;
  /** No message is sent after so many seconds. */
  readonly limit: number;
  /** Members of one schedule among several begin so much later (ms). */
  readonly offset: number;
}

/** How far a crowd is since the start, or since the last mark. */
export interface Progress {
  /** Members that were seated anew since. */
  readonly seated: number;
  /** Rooms that acknowledged something that was first sent since. */
  readonly answered: number;
  readonly unanswered: number;
}

const joinsAtOnce = 10;
const examples = 5;
const digits = 10;
const bodyBytes = 200;

/** Members of many rooms, who write by a schedule whatever becomes of what they wrote before. */
export class Crowd {
  readonly #members: readonly Attendee[];
  readonly #rooms: number;
  readonly #perRoom: number;
  #run = 0;
  #log = openLog({ rooms: 0, perRoom: 0, total: 0 });
  #options: LoadOptions = { ratePerRoom: 0, limit: 0, offset: 0 };
  #startedAt = 0;
  #sent = 0;
  #stopped = true;
  #markedAt = Number.POSITIVE_INFINITY;
  #probes = 0;

  /** `elsewhere`: where the matchmaker is asked by whoever loses the connection. */
  constructor(places: readonly (readonly AttendeePlace[])[], client: ClientKind, elsewhere: () => string) {
    this.#rooms = places.length;
    this.#perRoom = places[0]?.length ?? 0;
    this.#members = places.flatMap((room, r) =>
      room.map((place, p) => {
        const listener = this.#listener(r, p);
        return client === "sdk" ? new SdkMember(place, listener) : new Member(place, elsewhere, listener);
      }),
    );
  }

  async join(): Promise<void> {
    await mapAtOnce(this.#members, joinsAtOnce, (member) => member.join());
  }

  /** Begins to write. */
  start(options: LoadOptions): void {
    this.#run += 1;
    this.#options = options;
    const total = Math.ceil(options.limit * options.ratePerRoom * this.#rooms);
    this.#log = openLog({ rooms: this.#rooms, perRoom: this.#perRoom, total });
    this.#startedAt = now() + options.offset;
    this.#sent = 0;
    this.#probes = 0;
    this.#stopped = false;
    this.mark();
    void this.#write(total);
  }

  /** From now on arrivals and answers count anew. */
  mark(): void {
    this.#markedAt = now();
    for (const list of [this.#log.toldAt, this.#log.seatedAt, this.#log.answeredAt]) list.fill(Number.NaN);
  }

  progress(): Progress {
    const known = (list: Float64Array) => list.reduce((sum, at) => sum + (Number.isNaN(at) ? 0 : 1), 0);
    return {
      seated: known(this.#log.seatedAt),
      answered: known(this.#log.answeredAt),
      unanswered: this.#members.reduce((sum, { unanswered }) => sum + unanswered, 0),
    };
  }

  /** Ends the writing, and waits for what is under way for so long at most (s). */
  async finish(patience: number): Promise<Records> {
    this.#stopped = true;
    const deadline = now() + patience * 1_000;
    while (!this.#isSettled() && now() < deadline) await delay(20);
    const { rooms, membersPerRoom } = this.#shape;
    return {
      rooms,
      membersPerRoom,
      startedAt: this.#startedAt,
      everyMs: this.#everyMs,
      acknowledgedAt: this.#log.acknowledgedAt.slice(0, this.#sent),
      receivedAt: this.#log.receivedAt.slice(0, this.#sent * this.#perRoom),
      lateness: this.#log.lateness.slice(0, this.#sent),
      toldAt: this.#log.toldAt.slice(),
      seatedAt: this.#log.seatedAt.slice(),
      answeredAt: this.#log.answeredAt.slice(),
      probes: this.#probes,
      counts: { ...this.#log.counts },
      losses: [...this.#log.losses],
      faults: { count: this.#log.faults, examples: [...this.#log.examples] },
    };
  }

  leave(): void {
    for (const member of this.#members) member.leave();
  }

  get #shape() {
    return { rooms: this.#rooms, membersPerRoom: this.#perRoom };
  }

  get #everyMs(): number {
    return 1_000 / (this.#options.ratePerRoom * this.#rooms);
  }

  /** Every message at its time. */
  async #write(total: number): Promise<void> {
    while (!this.#stopped) {
      const due = Math.min(total, Math.floor((now() - this.#startedAt) / this.#everyMs) + 1);
      for (; this.#sent < due; this.#sent += 1) this.#send(this.#sent);
      await delay(1);
    }
  }

  #send(message: number): void {
    this.#log.lateness[message] = now() - (this.#startedAt + message * this.#everyMs);
    const number = roomOf(message, this.#shape) * this.#perRoom + senderOf(message, this.#shape);
    const body = `${this.#run} ${String(message).padStart(digits, "0")} `.padEnd(bodyBytes, "How are you? ");
    this.#members[number]?.send(`m-${this.#run}-${String(message).padStart(digits, "0")}`, body);
  }

  #listener(room: number, place: number): MemberListener {
    const member = room * this.#perRoom + place;
    return {
      message: (body) => {
        const [run, message] = body.split(" ", 2).map(Number);
        if (run !== this.#run || message === undefined || Number.isNaN(message)) return;
        const cell = message * this.#perRoom + place;
        if (!Number.isNaN(this.#log.receivedAt[cell])) this.#fault("a message came twice");
        this.#log.receivedAt[cell] = now();
      },
      acknowledged: (id) => this.#acknowledged(id, room),
      told: () => {
        if (Number.isNaN(this.#log.toldAt[member])) this.#log.toldAt[member] = now();
      },
      seated: (how) => this.#seated(how, member),
      lost: (code) => this.#log.losses.push({ at: now(), code }),
      fault: (what) => this.#fault(what),
      count: (what) => {
        this.#log.counts[what] += 1;
      },
    };
  }

  #seated(how: Arrival, member: number): void {
    if (how === "joined") return;
    this.#log.counts[how] += 1;
    this.#log.seatedAt[member] = now();
    const room = Math.floor(member / this.#perRoom);
    // Whoever is back writes at once, not when the schedule has it: that tells since when the room answers.
    if (how !== "rejoined" || !Number.isNaN(this.#log.answeredAt[room])) return;
    this.#probes += 1;
    this.#members[member]?.send(`probe-${this.#run}-${this.#probes}`, "Are you there?");
  }

  #acknowledged(id: string, room: number): void {
    const [kind, run, number] = id.split("-");
    if (Number(run) !== this.#run) return;
    const message = kind === "m" ? Number(number) : null;
    const at = now();
    if (message !== null) this.#log.acknowledgedAt[message] = at;
    const first = message === null ? at : this.#startedAt + message * this.#everyMs;
    if (first >= this.#markedAt && Number.isNaN(this.#log.answeredAt[room])) this.#log.answeredAt[room] = at;
  }

  #fault(what: string): void {
    this.#log.faults += 1;
    if (this.#log.examples.length < examples) this.#log.examples.push(what);
  }

  #isSettled(): boolean {
    if (this.#members.some(({ unanswered }) => unanswered > 0)) return false;
    const cells = this.#sent * this.#perRoom;
    return !this.#log.receivedAt.subarray(0, cells).some(Number.isNaN);
  }
}

function openLog({ rooms, perRoom, total }: { rooms: number; perRoom: number; total: number }) {
  const empty = (length: number) => new Float64Array(length).fill(Number.NaN);
  const counts: { -readonly [name in keyof Counts]: Counts[name] } = {
    repeats: 0,
    resumes: 0,
    retries: 0,
    moved: 0,
    rejoined: 0,
  };
  const losses: { at: number; code: number }[] = [];
  const examples: string[] = [];
  return {
    acknowledgedAt: empty(total),
    receivedAt: empty(total * perRoom),
    lateness: empty(total),
    toldAt: empty(rooms * perRoom),
    seatedAt: empty(rooms * perRoom),
    answeredAt: empty(rooms),
    counts,
    losses,
    faults: 0,
    examples,
  };
}
