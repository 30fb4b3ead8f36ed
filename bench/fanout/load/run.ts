import { setTimeout as delay } from "node:timers/promises";
import { cpuBetween, readCpu, type WatchedProcess } from "../../cpu.ts";
import { percentile } from "../../statistics.ts";
import type { Dialect } from "./dialects.ts";
import { readNumbers } from "./message.ts";
import type { LeanSocket } from "./socket.ts";

/** What one run at one rate is. Times in seconds, the rate in messages a second over all rooms. */
export interface RunOptions {
  readonly rate: number;
  /** Sent before the measured window opens, at the same rate. */
  readonly lead: number;
  readonly seconds: number;
  /** After the last message, how long to wait for what is still on its way. */
  readonly drain: number;
  /** Whose CPU time is read when the window opens and when it closes. */
  readonly processes: readonly WatchedProcess[];
}

export interface RunResult {
  readonly rate: number;
  /** Messages of the window. */
  readonly messages: number;
  /** Milliseconds from the time a message was meant to be sent until its last member had it. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Deliveries counted while the window was open. */
  readonly deliveries: number;
  /** Messages that were not sent because the run was ended early. */
  readonly unsent: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly unanswered: number;
  /** Why the run ended early, or an example of a refusal. */
  readonly note: string | null;
  /**
   * CPU microseconds in the window, by process. `client` is the load generator itself, `others` what else
   * ran on this machine meanwhile, the kernel's own work included.
   */
  readonly cpu: Readonly<Record<string, number>>;
  /** The window, in microseconds. */
  readonly window: number;
  /** How late the generator itself sent, in milliseconds: 99 of 100 messages were sent sooner. */
  readonly sendLag: number;
}

export interface Member {
  readonly socket: LeanSocket;
  readonly room: number;
  /** Place among the room's members, from 0. */
  readonly place: number;
}

/** Beyond this backlog (ms) a run is lost: it is ended instead of filling everyone's buffers. */
const hopeless = 4_000;

/** Rooms × members, all connected: sends by schedule, and accounts for every delivery. */
export class LoadRun {
  readonly #dialect: Dialect;
  readonly #members: readonly Member[];
  readonly #rooms: number;
  readonly #options: RunOptions;
  readonly #run: number;
  readonly #total: number;
  readonly #everyone: number;
  /** Per message: when the last delivery came (ms), who has it (a bit each). */
  readonly #doneAt: Float64Array;
  readonly #receivedBy: Uint32Array;
  readonly #sentLate: Float64Array;
  #start = 0;
  #sent = 0;
  #complete = 0;
  #oldest = 0;
  #deliveries = 0;
  #duplicates = 0;
  #accepted = 0;
  #refused = 0;
  #note: string | null = null;
  #closed = 0;

  constructor(dialect: Dialect, members: readonly Member[], run: number, options: RunOptions) {
    this.#dialect = dialect;
    this.#members = members;
    this.#run = run;
    this.#options = options;
    this.#rooms = members.reduce((most, member) => Math.max(most, member.room + 1), 0);
    this.#everyone = 2 ** (members.length / this.#rooms) - 1;
    this.#total = Math.round(options.rate * (options.lead + options.seconds));
    this.#doneAt = new Float64Array(this.#total);
    this.#receivedBy = new Uint32Array(this.#total);
    this.#sentLate = new Float64Array(this.#total);
  }

  async measure(): Promise<RunResult> {
    for (const member of this.#members) this.#listen(member);
    const { rate, lead, seconds, processes, drain } = this.#options;
    this.#start = performance.now() + 20;
    const sending = this.#send();
    await this.#until(lead * 1000);
    const before = this.#reading(processes);
    await this.#until((lead + seconds) * 1000);
    const after = this.#reading(processes);
    await sending;
    const deadline = performance.now() + drain * 1000;
    while (!this.#isSettled() && performance.now() < deadline) await delay(5);

    const first = Math.round(rate * lead);
    const latencies = this.#latencies(first);
    return {
      rate,
      messages: this.#total - first,
      p50: rounded(percentile(latencies, 0.5)),
      p99: rounded(percentile(latencies, 0.99)),
      max: rounded(percentile(latencies, 1)),
      deliveries: after.deliveries - before.deliveries,
      unsent: this.#total - this.#sent,
      missing: this.#missing(),
      duplicates: this.#duplicates,
      refused: this.#refused,
      unanswered: this.#dialect.replies ? this.#sent - this.#accepted - this.#refused : 0,
      note: this.#note,
      cpu: cpuBetween(before.cpu, after.cpu),
      window: Math.round((after.at - before.at) * 1000),
      sendLag: rounded(percentile(this.#sentLate.subarray(first).sort(), 0.99)),
    };
  }

  #listen(member: Member): void {
    const bit = 1 << member.place;
    const received = (index: number) => this.#received(index, bit);
    member.socket.onClose = (code) => {
      this.#closed++;
      this.#note ??= `a connection was closed by the server (${code})`;
    };
    member.socket.receive((_opcode, data, start, end) => {
      const meaning = this.#dialect.meaning(data, start, end);
      if (meaning === "delivery") readNumbers(data, start, end, this.#run, received);
      else if (meaning === "accepted") this.#accepted++;
      else if (meaning === "refused")
        this.#refuse(data.toString("latin1", start, Math.min(end, start + 200)));
      else this.#dialect.attend?.(member.socket, data, start, end);
    });
  }

  #received(index: number, bit: number): void {
    const before = this.#receivedBy[index] ?? 0;
    if (before & bit) {
      this.#duplicates++;
      return;
    }
    this.#deliveries++;
    const now = before | bit;
    this.#receivedBy[index] = now;
    if (now !== this.#everyone) return;
    this.#doneAt[index] = performance.now();
    this.#complete++;
  }

  #refuse(why: string): void {
    this.#refused++;
    this.#note ??= `refused: ${why.replace(/[^\x20-\x7e]+/g, " ")}`;
  }

  /** Every message at its time, whatever became of those before it. */
  async #send(): Promise<void> {
    const template = this.#dialect.template();
    const perMessage = 1000 / this.#options.rate;
    while (this.#sent < this.#total && !this.#isHopeless()) {
      const due = Math.min(this.#total, Math.floor((performance.now() - this.#start) / perMessage) + 1);
      for (; this.#sent < due; this.#sent++) {
        const index = this.#sent;
        this.#sender(index).socket.send(this.#dialect.opcode, template.number(this.#run, index));
        this.#sentLate[index] = performance.now() - this.#intended(index);
      }
      await delay(1);
    }
  }

  /** Rooms take turns, and so do the members of each. */
  #sender(index: number): Member {
    const room = index % this.#rooms;
    const perRoom = this.#members.length / this.#rooms;
    const member = this.#members[room * perRoom + (Math.floor(index / this.#rooms) % perRoom)];
    if (!member) throw new Error(`There is no member for message ${index}.`);
    return member;
  }

  #intended(index: number): number {
    return this.#start + (index * 1000) / this.#options.rate;
  }

  #isHopeless(): boolean {
    while (this.#oldest < this.#sent && this.#receivedBy[this.#oldest] === this.#everyone) this.#oldest++;
    const waiting = this.#oldest < this.#sent ? performance.now() - this.#intended(this.#oldest) : 0;
    if (waiting < hopeless && this.#closed === 0) return false;
    this.#note ??= `ended early: a message was not with everyone after ${Math.round(waiting)} ms`;
    return true;
  }

  #isSettled(): boolean {
    const answered = !this.#dialect.replies || this.#accepted + this.#refused >= this.#sent;
    return this.#complete === this.#sent && answered;
  }

  async #until(afterStart: number): Promise<void> {
    const at = this.#start + afterStart;
    while (performance.now() < at && !this.#isHopeless()) await delay(Math.min(50, at - performance.now()));
  }

  #reading(processes: readonly WatchedProcess[]) {
    return { at: performance.now(), deliveries: this.#deliveries, cpu: readCpu(processes) };
  }

  /** Sorted; a message that never arrived everywhere counts as long as we waited for it. */
  #latencies(first: number): Float64Array {
    const end = performance.now();
    const latencies = new Float64Array(Math.max(0, this.#sent - first));
    for (let i = 0; i < latencies.length; i++) {
      latencies[i] = (this.#doneAt[first + i] || end) - this.#intended(first + i);
    }
    return latencies.sort();
  }

  #missing(): number {
    let missing = 0;
    for (let i = 0; i < this.#sent; i++) {
      for (let absent = this.#everyone & ~(this.#receivedBy[i] ?? 0); absent; absent &= absent - 1) missing++;
    }
    return missing;
  }
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
