import { setTimeout as delay } from "node:timers/promises";
import type { LiveSession } from "../../../client/sdk/session.ts";
import type { Board, ConnectionStatus, EntryView, Visit, Waiting } from "../../../client/sdk/types.ts";
import { between } from "../../durability/random.ts";
import { type Recorder, recordingTime } from "../../durability/recorder.ts";
import { viewerOf } from "./person.ts";

export interface ClinicParts {
  readonly queues: readonly string[];
  readonly staff: readonly LiveSession[];
  readonly patients: readonly LiveSession[];
  /** Requests a second. */
  readonly rate: number;
  readonly random: () => number;
  readonly recorder: Recorder;
}

interface Patient {
  readonly session: LiveSession;
  readonly waiting: Waiting;
  /** What is under way keeps the next from being begun. */
  busy: boolean;
}

interface Desk {
  readonly session: LiveSession;
  readonly board: Board;
  busy: boolean;
}

/** What a board and a patient's side of a queue have in common. */
interface Shown {
  readonly id: string;
  on(name: "change", listener: () => void): () => void;
  on(name: "status", listener: (status: ConnectionStatus) => void): () => void;
}

const tick = 50;
/** Visits at once, of all that this clinic has admitted. */
const visitsAtOnce = 2;
/** Nothing was shown for so long: everything that was under way has arrived (ms). */
const quietMs = 2_000;

/** Patients who come, wait and are seen, and the staff who run their queues, whatever happens to the server. */
export class ClinicTalk {
  readonly #parts: ClinicParts;
  readonly #desks: readonly Desk[];
  readonly #patients: readonly Patient[];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #visited = new Set<string>();
  readonly #visiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  #shownAt = 0;

  private constructor(parts: ClinicParts, desks: readonly Desk[], patients: readonly Patient[]) {
    this.#parts = parts;
    this.#desks = desks;
    this.#patients = patients;
    for (const { session, board } of desks) this.#watch(session, board);
    for (const { session, waiting } of patients) this.#watch(session, waiting);
  }

  /** Resolves when everyone is live, and the staff are on duty. */
  static async begin(parts: ClinicParts): Promise<ClinicTalk> {
    const { queues, staff, patients } = parts;
    const desks = staff.flatMap((session) =>
      queues.map((queue) => ({ session, board: session.runQueue(queue), busy: false })),
    );
    const waiting = patients.map((session, n) => {
      const queue = queues[n % queues.length] ?? "";
      return { session, waiting: session.joinQueue(queue), busy: false };
    });
    const talk = new ClinicTalk(parts, desks, waiting);
    await talk.#allLive();
    await Promise.all(desks.map(({ board }) => board.duty("available")));
    return talk;
  }

  get clients(): number {
    return this.#desks.length + this.#patients.length;
  }

  start(): void {
    const begun = performance.now();
    this.#timer = setInterval(() => {
      const planned = ((performance.now() - begun) / 1_000) * this.#parts.rate;
      for (; this.#asked < planned; this.#asked += 1) this.#act();
    }, tick);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when every request has its answer, every visit is over, and everyone is live. */
  async rest(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await this.#allLive();
  }

  /** Whoever has not come to rest, in a few words; empty when everyone has. */
  get unsettled(): readonly string[] {
    return [...this.#desks, ...this.#patients].flatMap((one) => {
      const room = "board" in one ? one.board : one.waiting;
      const { status } = room.snapshot;
      if (status === "live" && !one.busy) return [];
      return [`${one.session.me.id}@waiting/${room.id.slice(0, 6)}: ${status}${one.busy ? ", busy" : ""}`];
    });
  }

  /** Waits until nothing is shown any more, and writes down what was shown last. */
  async settle(): Promise<void> {
    this.#shownAt = performance.now();
    while (performance.now() - this.#shownAt < quietMs) await delay(100);
    await this.#allLive();
    const { recorder } = this.#parts;
    for (const { session, board } of this.#desks) {
      const viewer = { t: recordingTime(), ...viewerOf(session.me.id, "waiting", board.id) };
      const entries = board.snapshot.entries.map(({ patient, status }) => ({ patient, status }));
      recorder.record({ ...viewer, op: "board", entries });
    }
    for (const { session, waiting } of this.#patients) {
      recorder.record({
        t: recordingTime(),
        ...viewerOf(session.me.id, "waiting", waiting.id),
        op: "settled",
      });
    }
  }

  #watch(session: LiveSession, room: Shown): void {
    const { recorder } = this.#parts;
    room.on("change", () => {
      this.#shownAt = performance.now();
    });
    room.on("status", (status) => {
      const viewer = viewerOf(session.me.id, "waiting", room.id);
      if (status === "live") recorder.record({ t: recordingTime(), ...viewer, op: "live" });
    });
  }

  async #allLive(): Promise<void> {
    const rooms = [...this.#desks.map(({ board }) => board), ...this.#patients.map(({ waiting }) => waiting)];
    while (rooms.some(({ snapshot }) => snapshot.status !== "live")) await delay(50);
  }

  #act(): void {
    const { random } = this.#parts;
    if (random() < 0.5) this.#actAs(pick(random, this.#patients), (patient) => this.#patientDoes(patient));
    else this.#actAs(pick(random, this.#desks), (desk) => this.#staffDoes(desk));
  }

  #actAs<Who extends { busy: boolean }>(
    who: Who | undefined,
    does: (who: Who) => Promise<unknown> | null,
  ): void {
    if (!who || who.busy) return;
    const doing = does(who);
    if (!doing) return;
    who.busy = true;
    // A refusal is an answer too: a colleague may have been faster. The recording has it.
    const done = doing
      .catch(() => undefined)
      .finally(() => {
        who.busy = false;
        this.#pending.delete(done);
      });
    this.#pending.add(done);
  }

  #patientDoes({ session, waiting }: Patient): Promise<unknown> | null {
    const { random } = this.#parts;
    const { place, admitted } = waiting.snapshot;
    if (admitted && !this.#visited.has(admitted.visit)) return this.#visit(session, admitted.visit);
    if (!place || this.#visiting.has(session.me.id)) return null;
    if (place.status === "none") return waiting.join({ reason: `cough ${this.#asked}` });
    if (place.status === "called") return waiting.confirm();
    const dice = random();
    if (dice < 0.05) return waiting.leave();
    return dice < 0.3 ? waiting.checkIn({ location: `room ${this.#asked}` }) : null;
  }

  #staffDoes({ session, board }: Desk): Promise<unknown> | null {
    const { random, queues } = this.#parts;
    const entry = pick(random, board.snapshot.entries);
    if (!entry) return null;
    const dice = random();
    if (dice < 0.15) return board.notify(`notice ${this.#asked}`, dice < 0.1 ? entry.id : undefined);
    if (entry.status === "held") return board.resume(entry.id);
    if (entry.status === "called" || entry.status === "confirmed")
      return this.#seeOrNot(session, board, entry);
    if (dice < 0.45) return board.call(entry.id);
    if (dice < 0.55) return board.hold(entry.id);
    if (dice < 0.65) return this.#move(board, entry);
    if (dice < 0.75) return board.prioritise(entry.id, dice < 0.7 ? "urgent" : "normal", "as it goes");
    if (dice < 0.9)
      return board.transfer(
        entry.id,
        pick(
          random,
          queues.filter((id) => id !== board.id),
        ) ?? "",
      );
    return dice < 0.93 ? board.remove(entry.id, "not today") : null;
  }

  #seeOrNot({ me }: LiveSession, board: Board, { id, by }: EntryView): Promise<unknown> {
    const { random } = this.#parts;
    const free = !this.#visiting.has(me.id) && this.#visiting.size < 2 * visitsAtOnce;
    return by?.person === me.id && free && random() < 0.6 ? board.admit(id) : board.resume(id);
  }

  #move(board: Board, { id }: EntryView): Promise<unknown> {
    const { random } = this.#parts;
    const before = random() < 0.3 ? null : (pick(random, board.snapshot.entries)?.id ?? null);
    return board.move(id, before, "as it goes");
  }

  /** The patient and their clinician meet, say a few words, and part. */
  async #visit(patient: LiveSession, id: string): Promise<void> {
    this.#visited.add(id);
    const visit = patient.joinVisit(id);
    await until(visit, ({ you, clinician }) => you !== null && clinician !== null);
    const clinician = this.#parts.staff.find(({ me }) => me.id === visit.snapshot.clinician);
    if (!clinician) throw new Error(`nobody sees the patient in ${id}`);
    const both = [patient.me.id, clinician.me.id];
    for (const one of both) this.#visiting.add(one);
    try {
      const theirs = clinician.joinVisit(id);
      await until(
        theirs,
        ({ status, participants }) => status === "live" && participants.every((one) => one.online),
      );
      await theirs.start();
      for (const [n, { chat }] of [visit, theirs, visit].entries()) await chat.send(`${n} in ${id}`);
      await theirs.note("seen");
      await theirs.end("completed");
      await until(visit, ({ phase }) => phase === "ended");
      await Promise.all([visit.leave(), theirs.leave()]);
    } finally {
      for (const one of both) this.#visiting.delete(one);
    }
  }
}

function pick<T>(random: () => number, list: readonly T[]): T | undefined {
  return list[between(random, 0, list.length - 1)];
}

/** Resolves when the visit is as wanted; rejects when it is closed. */
function until(visit: Visit, wanted: (snapshot: Visit["snapshot"]) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (snapshot: Visit["snapshot"]) => {
      if (snapshot.status === "closed") reject(new Error(`the visit is closed: ${snapshot.reason?.code}`));
      else if (wanted(snapshot)) resolve();
      else return;
      stop();
    };
    const stop = visit.on("change", look);
    look(visit.snapshot);
  });
}
