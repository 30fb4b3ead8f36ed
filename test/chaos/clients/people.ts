import { setTimeout as delay } from "node:timers/promises";
import { mapAtOnce } from "../../../bench/at-once.ts";
import type { Account } from "../../../bench/product.ts";
import type { LiveSession } from "../../../client/sdk/session.ts";
import { rejection } from "../../../core/domain/errors.ts";
import { Load, type Seat } from "../../durability/load.ts";
import { between, randomFrom } from "../../durability/random.ts";
import { type Recorder, recordingTime } from "../../durability/recorder.ts";
import { ClinicTalk } from "./clinic-talk.ts";
import type { ObservedSockets } from "./observed-sockets.ts";
import type { Begin, Order, Talk } from "./orders.ts";
import { openPerson, viewerOf } from "./person.ts";

type Doing<D extends Order["does"]> = Extract<Order, { does: D }>;

const joinsAtOnce = 8;
/** Between two breaks of the same sockets (ms). */
const flapEvery = { least: 300, most: 1_500 };
const longBody = 60_000;
/** After another fault everyone may be on the way back for so long (ms). */
const backWithin = 15_000;
const lookEvery = 200;

/** Everyone comes, and is live in their rooms. */
export async function gather(begin: Begin, recorder: Recorder, sockets: ObservedSockets): Promise<People> {
  const { url, talks, clinics, rate, seed } = begin;
  const random = randomFrom(seed);
  const open = (accounts: readonly Account[]) =>
    mapAtOnce(accounts, joinsAtOnce, (account) => openPerson({ url, account, recorder, sockets }));
  const seats: Seat[] = [];
  const sessions: LiveSession[] = [];
  for (const talk of talks) {
    const people = await open(talk.people);
    sessions.push(...people);
    seats.push(...people.map((session) => sit(session, talk, recorder)));
  }
  const load = await Load.begin({ sessions, rate: rate.talks, random, recorder }, seats);
  const queueRate = rate.queues / Math.max(1, clinics.length);
  const rooms = await mapAtOnce(clinics, 1, async ({ queues, staff, patients }) => {
    const parts = { queues, staff: await open(staff), patients: await open(patients) };
    sessions.push(...parts.staff, ...parts.patients);
    return ClinicTalk.begin({ ...parts, rate: queueRate, random, recorder });
  });
  return new People({ load, rooms, seats, sessions, random, recorder, sockets });
}

function sit(session: LiveSession, { kind, id }: Talk, recorder: Recorder): Seat {
  const viewer = viewerOf(session.me.id, kind, id);
  const chat = kind === "chat" ? session.joinChat(id) : session.joinVisit(id).chat;
  chat.on("status", (status) => {
    if (status === "live") recorder.record({ t: recordingTime(), ...viewer, op: "live" });
  });
  return { ...viewer, chat };
}

interface Parts {
  readonly load: Load;
  readonly rooms: readonly ClinicTalk[];
  readonly seats: readonly Seat[];
  readonly sessions: readonly LiveSession[];
  readonly random: () => number;
  readonly recorder: Recorder;
  readonly sockets: ObservedSockets;
}

/** The people of one process. */
export class People {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Connections. */
  get clients(): number {
    const { seats, rooms } = this.#parts;
    return seats.length + rooms.reduce((sum, { clients }) => sum + clients, 0);
  }

  start(): void {
    this.#parts.load.start();
    for (const room of this.#parts.rooms) room.start();
  }

  /** Returns how many sockets were broken. */
  async flap({ share, times }: Doing<"flap">): Promise<number> {
    const { sockets, random } = this.#parts;
    const clients = new Set(sockets.sockets().map(({ client }) => client));
    const unlucky = [...clients].filter(() => random() < share);
    let broken = 0;
    for (let n = 0; n < times; n += 1) {
      for (const socket of unlucky.flatMap((client) => sockets.sockets(client))) {
        socket.break();
        broken += 1;
      }
      await delay(between(random, flapEvery.least, flapEvery.most));
    }
    return broken;
  }

  /** Returns how many bytes were sent that nobody read. */
  async deafen({ forMs, bytes }: Doing<"deafen">): Promise<number> {
    const { seats, sockets, random } = this.#parts;
    const connected = await this.#connected();
    const deaf = connected[between(random, 0, connected.length - 1)];
    const other = seats.find(({ room, client }) => room === deaf?.room && client !== deaf.client);
    if (!deaf || !other) return 0;
    const affected = sockets.sockets(deaf.client);
    for (const socket of affected) socket.deafen(forMs);
    const over = delay(forMs);
    const count = affected.length === 0 ? 0 : Math.ceil(bytes / longBody);
    const body = "x".repeat(longBody);
    await Promise.all(Array.from({ length: count }, (_, n) => other.chat.send(`${n} ${body}`)));
    await over;
    return count * longBody;
  }

  /** Those in chats who have a socket. */
  async #connected(): Promise<Parts["seats"]> {
    const { seats, sockets } = this.#parts;
    for (let left = backWithin / lookEvery; ; left -= 1) {
      const connected = seats.filter(({ client }) => sockets.sockets(client).length > 0);
      if (connected.length > 0 || left <= 0) return connected;
      await delay(lookEvery);
    }
  }

  async rest(withinMs: number): Promise<readonly string[]> {
    const { load, rooms } = this.#parts;
    load.stop();
    for (const room of rooms) room.stop();
    const late = delay(withinMs, undefined, { ref: false });
    await Promise.race([Promise.all([load.settle(), ...rooms.map((room) => room.rest())]), late]);
    return [...load.unsettled, ...rooms.flatMap(({ unsettled }) => unsettled)];
  }

  async end(withinMs: number): Promise<readonly string[]> {
    const { load, rooms, sessions, sockets, recorder } = this.#parts;
    const late = delay(withinMs, undefined, { ref: false });
    await Promise.race([Promise.all(rooms.map((room) => room.settle())), late]);
    const unsettled = [...load.unsettled, ...rooms.flatMap((room) => room.unsettled)];
    sockets.end();
    for (const session of sessions) session.end(rejection("session_ended"));
    await recorder.close();
    return unsettled;
  }
}
