import { setTimeout as delay } from "node:timers/promises";
import { mapAtOnce } from "../../at-once.ts";
import { joinColyseus } from "../../fanout/load/dialects.ts";
import type { LeanSocket } from "../../fanout/load/socket.ts";
import type { Account } from "../../product.ts";
import { Board } from "./board.ts";
import { readReceived, requestFrame } from "./frames.ts";
import type { Watch } from "./watch.ts";

const joinsAtOnce = 8;
const binary = 2;
/** Nothing has come for so long: everything that was under way has arrived (ms). */
const quietMs = 500;

export interface QueueAddress {
  readonly url: string;
  readonly room: string;
}

interface Listener {
  staff(screen: number, frame: Buffer): void;
  patient(person: string, frame: Buffer): void;
  closed(who: string, code: number): void;
}

/** The connections of one queue's patients and staff. The first staff screen is also read. */
export class Clients {
  readonly board = new Board();
  readonly #address: QueueAddress;
  readonly #patients = new Map<string, LeanSocket>();
  readonly #staff: LeanSocket[] = [];
  #lastFrameAt = 0;
  #listener: Listener = {
    staff: (screen, frame) => {
      const { type } = readReceived(frame);
      if (screen === 0 && (type === "state" || type === "patch")) this.board.take(frame);
    },
    patient: () => undefined,
    closed: (who, code) => {
      throw new Error(`The connection of ${who} was closed (${code}).`);
    },
  };

  constructor(address: QueueAddress) {
    this.#address = address;
  }

  get patients(): ReadonlySet<string> {
    return new Set(this.#patients.keys());
  }

  get staff(): number {
    return this.#staff.length;
  }

  async connectPatients(accounts: readonly Account[]): Promise<void> {
    await mapAtOnce(accounts, joinsAtOnce, async ({ person, token }) => {
      const socket = await this.#join(token);
      this.#patients.set(person, socket);
      this.#hear(socket, person, (frame) => this.#listener.patient(person, frame));
    });
  }

  /** One after the other: each receives the whole queue. */
  async connectStaff(accounts: readonly Account[]): Promise<void> {
    for (const { person, token } of accounts) {
      const socket = await this.#join(token);
      const screen = this.#staff.push(socket) - 1;
      this.#hear(socket, person, (frame) => this.#listener.staff(screen, frame));
    }
  }

  /** Sends a request; a patient's by name, one of the staff's by number. */
  send(by: string | number, request: number, name: string, payload: object): void {
    const socket = typeof by === "string" ? this.#patients.get(by) : this.#staff[by];
    if (!socket) throw new Error(`${by} is not connected.`);
    socket.send(binary, requestFrame(request, name, payload));
  }

  async quiet(): Promise<void> {
    this.#lastFrameAt = performance.now();
    while (performance.now() - this.#lastFrameAt < quietMs) await delay(50);
  }

  /** From now on every frame is accounted for. */
  watch(watch: Watch): void {
    this.#listener = watch;
  }

  close(): void {
    for (const socket of [...this.#staff, ...this.#patients.values()]) socket.close();
  }

  #join(token: string): Promise<LeanSocket> {
    return joinColyseus("waiting", { ...this.#address, token });
  }

  #hear(socket: LeanSocket, who: string, take: (frame: Buffer) => void): void {
    socket.onClose = (code) => this.#listener.closed(who, code);
    socket.receive((_opcode, data, start, end) => {
      this.#lastFrameAt = performance.now();
      take(data.subarray(start, end));
    });
  }
}
