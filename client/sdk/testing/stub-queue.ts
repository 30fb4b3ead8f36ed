import type { CommandReply } from "../../../core/protocol/events.ts";
import type { PlaceMessage } from "../../../core/protocol/queue.ts";
import type { Touched } from "../connection/room-port.ts";
import type { WaitingMessages } from "../connection/rooms.ts";
import type { EntryStateLike, WaitingStateLike } from "../queue/queue-state.ts";
import { type Seat, StubSeats } from "./stub-seats.ts";

type QueueSeat = Seat<WaitingStateLike, WaitingMessages>;

/** What the stub's state is; a test changes it and then shows it. */
export interface StubQueueState extends Omit<WaitingStateLike, "entries" | "duty" | "staff" | "departed"> {
  title: string;
  opening: string;
  suspendedUntil: number;
  suspendedNotice: string;
}

export const noPlace: PlaceMessage = {
  seq: 1,
  status: "none",
  entry: null,
  place: null,
  ahead: null,
  etaSeconds: null,
  ready: false,
  joinedAt: null,
};

export function placeAt(seq: number, place: number, more: Partial<PlaceMessage> = {}): PlaceMessage {
  const waiting = { status: "waiting", entry: "e1", ahead: place - 1, etaSeconds: 600, ready: true } as const;
  return { ...noPlace, ...waiting, seq, place, joinedAt: 1_000, ...more };
}

export function entryState(id: string, rank: string): EntryStateLike {
  return {
    id,
    patient: `patient-of-${id}`,
    name: `Patient ${id}`,
    reason: "cough",
    language: "",
    needs: "",
    ready: true,
    identity: "confirmed",
    location: "Kyoto",
    emergencyContact: "",
    priority: "normal",
    rank,
    status: "waiting",
    joinedAt: 1_000,
    waitingSince: 1_000,
    online: true,
    offlineSince: 0,
    by: "",
    byName: "",
    since: 0,
    missed: 0,
    longWait: false,
    notice: "",
    returned: "",
    visit: "",
  };
}

/** A waiting room in memory: it journals each command once, and shows and tells what a test says. */
export class StubQueue extends StubSeats<WaitingStateLike, WaitingMessages> {
  /** The commands that were done, each once. */
  readonly journal: { readonly name: string; readonly id: string }[] = [];
  readonly state: StubQueueState;
  readonly entries = new Map<string, EntryStateLike>();
  readonly staff = new Map<string, string>();
  /** What a person is told when they come; none: they are no patient. */
  readonly places = new Map<string, PlaceMessage>();

  constructor(title = "General") {
    super();
    this.state = {
      title,
      opening: "open",
      suspendedUntil: 0,
      suspendedNotice: "",
      nextHours: 0,
      asks: ["location"],
      callSeconds: 120,
      expectedMinutes: 10,
      notices: [],
    };
  }

  /** Tells a patient their place, now and when they come again. */
  place(person: string, place: PlaceMessage): void {
    this.places.set(person, place);
    this.send("queue.place", place, person);
  }

  /** Shows the state to everyone; `touched` are the entries that changed. */
  show(touched?: Touched): void {
    for (const seat of this.openSeats()) this.showTo(seat, touched);
  }

  protected welcome(seat: QueueSeat): void {
    this.showTo(seat);
    const place = this.places.get(seat.person);
    if (place) this.say(seat, (listener) => listener.message("queue.place", place));
  }

  protected handle(_: QueueSeat, name: string, payload: { readonly id?: string }): object {
    const { id } = payload;
    if (id === undefined) return { waitingNow: this.entries.size };
    const known = this.journal.findIndex((done) => done.id === id);
    const at = known >= 0 ? known : this.journal.push({ name, id }) - 1;
    return { seq: at + 1, at: 1_000 + at } satisfies CommandReply;
  }

  private showTo(seat: QueueSeat, touched?: Touched): void {
    const { entries, staff } = this;
    const isStaff = staff.has(seat.person);
    const state: WaitingStateLike = isStaff
      ? { ...this.state, entries, staff, duty: new Map(), departed: [] }
      : this.state;
    this.say(seat, (listener) => listener.state(state, touched));
  }
}
