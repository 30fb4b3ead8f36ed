import fc from "fast-check";
import type { Principal } from "../../core/domain/principal.ts";
import type { QueueCommand } from "../../core/domain/queue/commands.ts";
import { aheadOf, entryOf } from "../../core/domain/queue/state.ts";
import { abe, anna, ben, chie, desk, engine, ito } from "../../core/domain/queue/testing/people.ts";
import { PlayedQueue, type Unnamed } from "../../core/domain/queue/testing/played-queue.ts";
import type { Line } from "./history.ts";

const step = fc.record({
  does: fc.constantFrom(
    "join",
    "join",
    "leave",
    "call",
    "call",
    "hold",
    "resume",
    "move",
    "notify",
    "transfer",
    "admit",
    "tell",
    "tell",
    "crash",
  ),
  who: fc.nat(2),
  whom: fc.nat(5),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Histories of a queue that did everything right. Nobody it sent elsewhere has arrived there yet. */
export const correctQueueHistory: fc.Arbitrary<Line[]> = fc
  .array(step, { minLength: 12, maxLength: 80, size: "medium" })
  .map((steps) => new RecordedQueue().run(steps));

const room = "waiting:desk";
const patients = [anna, ben, chie];
const staff = [ito, abe, desk];

/** The domain's own queue, and what would be recorded of it. */
class RecordedQueue {
  readonly #queue = new PlayedQueue();
  readonly #lines: Line[] = [];
  readonly #store: Line[] = [];
  #epoch = 1;
  #t = 1_000;
  #asked = 0;
  #seen = 0;

  run(steps: readonly Step[]): Line[] {
    for (const { id } of patients) this.#lines.push({ ...this.#by(id), op: "opened", after: null });
    this.#claim();
    for (const one of steps) this.#step(one);
    for (const { id } of patients) {
      this.#tell(id);
      this.#lines.push({ ...this.#by(id), op: "settled" });
    }
    const { entries, order } = this.#queue.state;
    const shown = [...order.values()].flatMap((id) => entries.get(id) ?? []);
    this.#lines.push({
      ...this.#by(desk.id),
      op: "board",
      entries: shown.map(({ patient, status }) => ({ patient, status })),
    });
    const journal = this.#queue.room.journal.map(
      (recorded): Line => ({ op: "step", room, recorded: { ...recorded, event: { ...recorded.event } } }),
    );
    return [...this.#lines, ...this.#store, ...journal];
  }

  #step({ does, who, whom }: Step): void {
    this.#t += 10;
    this.#queue.now += 10;
    const patient = patients[who] ?? anna;
    if (does === "tell") this.#tell(patient.id);
    else if (does === "crash") this.#crash();
    else if (does === "join" || does === "leave") this.#ask(patient, this.#ofPatient(does, patient));
    else this.#work(does, staff[who] ?? ito, whom);
  }

  #ofPatient(does: "join" | "leave", { id }: Principal): Unnamed<QueueCommand> {
    if (does === "leave") return { name: "queue.leave" };
    const about = { reason: "a cough", language: "ja", needs: [], visit: null };
    return { name: "queue.join", entry: `e-${id}-${this.#asked}`, ...about };
  }

  #work(does: Exclude<Step["does"], "tell" | "crash" | "join" | "leave">, by: Principal, whom: number): void {
    const { entries, order } = this.#queue.state;
    const list = [...order.values()].filter((id) => entries.get(id)?.status !== "leaving");
    const entry = list[whom % (list.length || 1)];
    if (entry === undefined) return;
    const transfer = `t-${this.#asked}`;
    const commands: Record<typeof does, Unnamed<QueueCommand>> = {
      call: { name: "queue.call", entry },
      hold: { name: "queue.hold", entry },
      resume: { name: "queue.resume", entry },
      move: { name: "queue.move", entry, before: list[0] ?? null, reason: "so" },
      notify: { name: "queue.notify", entry, body: "soon" },
      transfer: { name: "queue.transfer", entry, to: "other", transfer, known: true },
      admit: { name: "queue.admit", entry, transfer, visit: `v-${this.#asked}`, clinician: null },
    };
    this.#ask(by, commands[does]);
  }

  #ask(by: Principal, command: Unnamed<QueueCommand>): void {
    this.#asked += 1;
    const id = `id-${this.#asked}`;
    const { name } = command;
    this.#lines.push({ ...this.#by(by.id), op: "send", name, payload: { id } });
    const answer = this.#queue.answer(by, command);
    this.#t += 5;
    this.#keep();
    if (!answer.ok) {
      this.#lines.push({ ...this.#by(by.id), op: "refused", id, code: answer.rejection.code });
      return;
    }
    const { events } = answer;
    const [first, last] = [events[0], events.at(-1)];
    this.#lines.push({ ...this.#by(by.id), op: "ack", id, seq: last?.seq ?? this.#seq });
    if (first && last)
      this.#store.push({ op: "command", room, by: by.id, id, firstSeq: first.seq, lastSeq: last.seq });
  }

  #tell(person: string): void {
    const entry = entryOf(this.#queue.state, person);
    const place = entry ? aheadOf(this.#queue.state, entry) + 1 : null;
    const status = entry?.status ?? "none";
    this.#lines.push({ ...this.#by(person), op: "place", seq: this.#seq, status, place });
  }

  #crash(): void {
    this.#epoch += 1;
    this.#claim();
    this.#lines.push({ op: "fault", t: this.#t, text: "the server was killed" });
  }

  #claim(): void {
    this.#keep();
    const who = { process: "b", address: "b:1", before: "a", addressBefore: "a:1" };
    this.#store.push({ op: "claim", room, t: this.#t, epoch: this.#epoch, nextSeq: this.#seq + 1, ...who });
  }

  /** Rows of what is new, under the epoch of now. */
  #keep(): void {
    for (const { seq, by, event } of this.#queue.room.journal.slice(this.#seen)) {
      const place = { epoch: this.#epoch, tx: String(seq), position: String(seq) };
      this.#store.push({ op: "row", room, seq, type: event.type, by: by ?? engine.id, ...place });
    }
    this.#seen = this.#queue.room.journal.length;
  }

  get #seq(): number {
    return this.#queue.room.journal.at(-1)?.seq ?? 0;
  }

  #by(person: string) {
    return { t: this.#t, client: person, person, room };
  }
}
