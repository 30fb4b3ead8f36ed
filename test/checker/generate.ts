import fc from "fast-check";
import type { Line, Of, SeenEvent } from "./history.ts";

/** What the generated members do; numbers choose who and how far. */
const step = fc.record({
  does: fc.constantFrom(
    "send",
    "send",
    "edit",
    "commit",
    "commit",
    "ack",
    "show",
    "show",
    "read",
    "crash",
    "reload",
  ),
  who: fc.nat(2),
  choice: fc.nat(1000),
  wait: fc.integer({ min: 6, max: 50 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Histories of a room that did everything right, through crashes and reloads. */
export const correctHistory: fc.Arbitrary<Line[]> = fc
  .array(step, { minLength: 10, maxLength: 120, size: "medium" })
  .map((steps) => new ModelRoom().run(steps));

const room = "chat:model";
const people = ["ann", "ben", "cho"];

interface Member {
  readonly person: string;
  client: string;
  /** How many of the delivered events it was shown. */
  shown: number;
  read: number;
}

interface Pending {
  readonly by: Member;
  readonly send: Of<"send">;
  seq: number | null;
}

/** A tiny correct system: one order, committed before shown. */
class ModelRoom {
  readonly #lines: Line[] = [];
  readonly #members: Member[] = people.map((person) => ({ person, client: person, shown: 0, read: 0 }));
  readonly #pending: Pending[] = [];
  readonly #delivered: SeenEvent[] = [];
  readonly #rows: Line[] = [];
  readonly #cursors: Record<string, number> = {};
  #seq = 0;
  #epoch = 1;
  #tx = 100;
  #t = 1000;

  run(steps: readonly Step[]): Line[] {
    this.#row("chat.created", "ann");
    for (const member of this.#members) this.#lines.push({ ...this.#seen(member), op: "opened", after: 0 });
    for (const one of steps) this.#step(one);
    this.#settle();
    return this.#lines;
  }

  #step({ does, who, choice, wait }: Step): void {
    this.#t += wait;
    const member = this.#members[who];
    if (!member) return;
    if (does === "send") this.#send(member, "chat.send", { body: `text ${choice}` });
    if (does === "edit") this.#edit(member, choice);
    if (does === "commit") this.#commit(choice);
    if (does === "ack") this.#acknowledge(member);
    if (does === "show") this.#show(member, 1 + (choice % 4));
    if (does === "read") this.#read(member);
    if (does === "crash") this.#crash();
    if (does === "reload") this.#reload(member, choice);
  }

  #send(by: Member, name: string, fields: Record<string, unknown>): void {
    const payload = { id: `id-${this.#lines.length}`, ...fields };
    const send = { op: "send", ...this.#seen(by), name, payload } as const;
    this.#lines.push(send);
    this.#pending.push({ by, send, seq: null });
  }

  #edit(by: Member, choice: number): void {
    const own = this.#delivered.filter(({ type, from }) => type === "chat.message" && from === by.person);
    const target = own[choice % (own.length || 1)];
    if (target) this.#send(by, "chat.edit", { of: target.seq, body: `better ${choice}` });
  }

  #commit(choice: number): void {
    const waiting = this.#pending.filter(({ seq }) => seq === null);
    const next = waiting[choice % (waiting.length || 1)];
    if (!next) return;
    const { name, payload } = next.send;
    const type = name === "chat.send" ? "chat.message" : "chat.edited";
    const prev = this.#delivered.at(-1)?.seq ?? 0;
    next.seq = this.#row(type, next.by.person);
    this.#rows.push({
      op: "command",
      room,
      by: next.by.person,
      id: payload.id,
      firstSeq: next.seq,
      lastSeq: next.seq,
    });
    this.#delivered.push({ ...payload, type, seq: next.seq, prev, from: next.by.person, at: this.#t });
  }

  #acknowledge(member: Member): void {
    const index = this.#pending.findIndex(({ by, seq }) => by === member && seq !== null);
    const [done] = index < 0 ? [] : this.#pending.splice(index, 1);
    if (done?.seq)
      this.#lines.push({ ...this.#seen(member), op: "ack", id: done.send.payload.id, seq: done.seq });
  }

  #show(member: Member, count: number): void {
    for (const event of this.#delivered.slice(member.shown, member.shown + count)) {
      this.#lines.push({ ...this.#seen(member), op: "event", event: this.#asReadNow(event) });
      member.shown += 1;
    }
    const lastSeq = this.#delivered[member.shown - 1]?.seq ?? 0;
    this.#lines.push({ ...this.#seen(member), op: "state", lastSeq, cursors: { ...this.#cursors } });
  }

  #read(member: Member): void {
    const seq =
      this.#delivered.slice(0, member.shown).findLast(({ type }) => type === "chat.message")?.seq ?? 0;
    this.#lines.push({ ...this.#seen(member), op: "read", seq });
    if (seq <= member.read) return;
    member.read = seq;
    this.#cursors[member.person] = seq;
    this.#row("chat.read", member.person);
    this.#lines.push({ ...this.#seen(member), op: "readAck", seq });
  }

  #crash(): void {
    this.#epoch += 1;
    this.#lines.push({ op: "fault", t: this.#t, text: "the server was killed" });
  }

  /** A new client of the same person, which holds what the former one was shown, or begins with what comes. */
  #reload(member: Member, choice: number): void {
    member.client = `${member.person}-${this.#lines.length}`;
    const after = choice % 2 === 0 ? (this.#delivered[member.shown - 1]?.seq ?? 0) : null;
    this.#lines.push({ ...this.#seen(member), op: "opened", after });
  }

  #settle(): void {
    while (this.#pending.some(({ seq }) => seq === null)) this.#commit(0);
    for (const member of this.#members) {
      while (this.#pending.some(({ by }) => by === member)) this.#acknowledge(member);
      this.#show(member, this.#delivered.length);
      this.#lines.push({ ...this.#seen(member), op: "settled" });
    }
    this.#lines.push(...this.#rows);
    for (const event of this.#delivered)
      this.#lines.push({ op: "stored", room, event: { ...this.#asReadNow(event), prev: 0 } });
    for (const [person, seq] of Object.entries(this.#cursors))
      this.#lines.push({ op: "cursor", room, person, seq });
  }

  /** A message edited since is given without its body. */
  #asReadNow(event: SeenEvent): SeenEvent {
    const amended = this.#delivered.some(({ type, of }) => type === "chat.edited" && of === event.seq);
    return amended ? { ...event, body: null } : event;
  }

  #row(type: string, by: string): number {
    this.#seq += 1;
    this.#tx += 1;
    const place = { epoch: this.#epoch, tx: String(this.#tx), position: String(this.#seq) };
    this.#rows.push({ op: "row", room, seq: this.#seq, type, by, ...place });
    return this.#seq;
  }

  #seen({ client, person }: Member) {
    return { t: this.#t, client, person, room };
  }
}
