import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import * as outbox from "./outbox.ts";

const written = (id: string, writtenAt: number): outbox.Entry => ({ id, body: id, writtenAt });

/**
 * One device and a server that takes each id once. The conversation shows what the server has in order, as
 * far as events came; a reload forgets everything but the device's store.
 */
class Model {
  private count = 0;
  private entries: outbox.Outbox = [];
  private store: outbox.Outbox = [];
  private readonly journal: string[] = [];
  private eventsSeen = 0;
  private reply: { readonly id: string; readonly seq: number } | null = null;

  /** What a person sees: the conversation, then what is on its way. */
  get seen(): readonly string[] {
    return [...this.shownMessages, ...this.entries.map(({ id }) => id)];
  }

  get all(): readonly string[] {
    return Array.from({ length: this.count }, (_, at) => `m${at}`);
  }

  get done(): boolean {
    return this.entries.length === 0;
  }

  write(): void {
    this.entries = outbox.add(this.entries, written(`m${this.count}`, this.count));
    this.count += 1;
    this.store = this.entries;
  }

  /** The server takes what is next, unless it still owes a reply. */
  send(): void {
    const next = outbox.nextToSend(this.entries);
    if (!next || this.reply) return;
    if (!this.journal.includes(next.id)) this.journal.push(next.id);
    this.reply = { id: next.id, seq: this.journal.indexOf(next.id) + 1 };
  }

  acknowledge(): void {
    const { reply } = this;
    this.reply = null;
    if (reply) this.change(outbox.acknowledge(this.entries, reply.id, reply.seq, this.eventsSeen));
  }

  event(): void {
    const id = this.journal[this.eventsSeen];
    if (id === undefined) return;
    this.eventsSeen += 1;
    this.change(outbox.arrive(this.entries, new Set([id]), this.eventsSeen));
  }

  /** The reply is lost; everything missed is resumed. */
  reconnect(): void {
    this.reply = null;
    while (this.eventsSeen < this.journal.length) this.event();
  }

  reload(): void {
    this.reply = null;
    this.eventsSeen = this.journal.length;
    this.change(outbox.arrive(outbox.restore([], this.store), new Set(this.shownMessages), this.eventsSeen));
  }

  private get shownMessages(): readonly string[] {
    return this.journal.slice(0, this.eventsSeen);
  }

  private change(entries: outbox.Outbox): void {
    this.entries = entries;
    const kept = new Set(entries.map(({ id }) => id));
    this.store = this.store.filter(({ id }) => kept.has(id));
  }
}

const happenings = ["write", "send", "acknowledge", "event", "reconnect", "reload"] as const;

describe("the outbox", () => {
  test("shows every message exactly once and in written order, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...happenings), { maxLength: 100 }), (steps) => {
        const model = new Model();
        for (const step of steps) {
          model[step]();
          expect(model.seen).toEqual(model.all);
        }
        for (let round = 0; round <= steps.length; round += 1) {
          model.send();
          model.acknowledge();
          model.event();
        }
        expect(model.seen).toEqual(model.all);
        expect(model.done).toBe(true);
      }),
    );
  });

  test("sends past what is refused or acknowledged", () => {
    let box: outbox.Outbox = ["a", "b", "c"].map((id, at) => written(id, at));
    box = outbox.refuse(box, "a", rejection("forbidden"));
    box = outbox.acknowledge(box, "b", 7, 6);
    expect(outbox.nextToSend(box)?.id).toBe("c");
    expect(box.map(outbox.outgoing).map(({ status }) => status)).toEqual(["refused", "sending", "sending"]);
  });

  test("lets an acknowledged message go when the conversation has passed it", () => {
    const box = outbox.acknowledge([written("a", 0)], "a", 7, 6);
    expect(outbox.arrive(box, new Set(), 6)).toBe(box);
    expect(outbox.arrive(box, new Set(), 7)).toEqual([]);
  });

  test("takes up what was kept before what was written since, and nothing twice", () => {
    const kept = [written("old", 8), written("both", 9)];
    const box = outbox.restore([written("new", 2)], kept);
    expect(box.map(({ id }) => id)).toEqual(["old", "both", "new"]);
    expect(box.toSorted((a, b) => a.writtenAt - b.writtenAt)).toEqual(box);
    expect(outbox.restore(box, kept)).toBe(box);
  });

  test("stays the same list where nothing changes", () => {
    const box = [written("a", 0)];
    expect(outbox.restore(box, box)).toBe(box);
    expect(outbox.remove(box, "b")).toBe(box);
    expect(outbox.acknowledge(box, "b", 1, 0)).toBe(box);
    expect(outbox.refuse(box, "b", rejection("forbidden"))).toBe(box);
  });
});
