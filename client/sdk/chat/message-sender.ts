import type { CommandReply } from "../../../core/protocol/events.ts";
import type { Courier } from "../connection/courier.ts";
import { type HugMeDoError, toHugMeDoError } from "../errors.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { Lane } from "../lib/lane.ts";
import type { OutgoingMessage, SendMessageOptions } from "../types.ts";
import * as outbox from "./outbox.ts";
import type { OutboxScope, OutboxStore, StoredMessage } from "./outbox-store.ts";

/** A message that the conversation shows. */
export type Shown = outbox.Arrival & { readonly at: number };

export interface SenderParts {
  readonly store: OutboxStore;
  readonly scope: OutboxScope;
  readonly courier: Courier;
  readonly clock: Clock;
  /** Seq of the last event that the conversation shows. */
  readonly lastSeq: () => number;
  /** The messages it shows. */
  readonly messages: () => readonly Shown[];
  readonly changed: () => void;
}

/** A device's store that does not answer must not keep new messages from going out. Milliseconds. */
const restorePatience = 3_000;

/**
 * Sends messages in written order, one after another: a message goes out when the one before it is durable
 * or refused. What is not yet seen in the conversation is kept, on the device too.
 */
export class MessageSender {
  private readonly parts: SenderParts;
  private readonly waiting = new Map<string, PromiseWithResolvers<CommandReply>>();
  private readonly disk = new Lane();
  private readonly restored: Promise<void>;
  private entries: outbox.Outbox = [];
  private shown: readonly OutgoingMessage[] = [];
  private lastWritten = 0;
  private sending = false;
  private over: HugMeDoError | null = null;

  constructor(parts: SenderParts) {
    this.parts = parts;
    this.restored = this.restore();
  }

  /** The same array until something changes. */
  get outgoing(): readonly OutgoingMessage[] {
    return this.shown;
  }

  /** Resolves when the message is durable; rejects when it is refused, or this sender is closed before. */
  send(body: string, options: SendMessageOptions = {}): Promise<CommandReply> {
    if (this.over) return Promise.reject(this.over);
    const id = newId();
    const sent = Promise.withResolvers<CommandReply>();
    // A refusal shows in the outbox too, so who does not look at this promise misses nothing.
    sent.promise.catch(() => undefined);
    this.waiting.set(id, sent);
    this.lastWritten = Math.max(this.parts.clock.now(), this.lastWritten + 1);
    this.show(outbox.add(this.entries, { id, body, writtenAt: this.lastWritten, ...partsOf(options) }));
    this.keep(id);
    this.parts.changed();
    void this.work();
    return sent.promise;
  }

  /** Writes a refused message anew, under a new id. */
  retry(id: string): void {
    const entry = outbox.find(this.entries, id);
    if (!entry?.rejection || this.over) return;
    this.forget(id);
    void this.send(entry.body, partsOf(entry));
  }

  /** Forgets a refused message. */
  discard(id: string): void {
    if (!outbox.find(this.entries, id)?.rejection) return;
    this.forget(id);
    this.parts.changed();
  }

  /** Messages that the conversation shows now: those of mine are no longer on their way. */
  arrived(messages: readonly Shown[]): void {
    if (this.entries.length === 0) return;
    const mine = messages.filter(({ from }) => from === this.parts.scope.person);
    for (const { id, seq, at } of mine) this.waiting.get(id)?.resolve({ seq, at });
    this.replace(outbox.arrive(this.entries, new Set(mine.map(({ id }) => id)), this.parts.lastSeq()));
  }

  /** Sends no more; what is unsent stays on the device. */
  close(reason: HugMeDoError): void {
    this.over = reason;
    for (const { reject } of this.waiting.values()) reject(reason);
    this.waiting.clear();
  }

  private async restore(): Promise<void> {
    const { clock, store, scope } = this.parts;
    const loading = this.disk.run(async () => this.takeUp(await store.load(scope)));
    await withDeadline(clock, restorePatience, loading, () => new Error("late")).catch(() => undefined);
  }

  private takeUp(stored: readonly StoredMessage[]): void {
    if (this.over || stored.length === 0) return;
    this.show(outbox.restore(this.entries, stored));
    this.lastWritten = Math.max(...this.entries.map(({ writtenAt }) => writtenAt));
    this.arrived(this.parts.messages());
    this.parts.changed();
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    await this.restored;
    for (let next = this.next(); next; next = this.next()) await this.sendOne(next);
    this.sending = false;
  }

  private next(): outbox.Entry | undefined {
    return this.over ? undefined : outbox.nextToSend(this.entries);
  }

  private async sendOne({ id, body, ...rest }: outbox.Entry): Promise<void> {
    const { courier, lastSeq, changed } = this.parts;
    const { attachments, ...answering } = partsOf(rest);
    const files = attachments ? { attachments: attachments.map((file) => file.id) } : {};
    try {
      const reply = await courier.perform("chat.send", { id, body, ...answering, ...files });
      this.waiting.get(id)?.resolve(reply);
      this.replace(outbox.acknowledge(this.entries, id, reply.seq, lastSeq()));
    } catch (error) {
      if (this.over) return;
      const refusal = toHugMeDoError(error);
      this.waiting.get(id)?.reject(refusal);
      this.show(outbox.refuse(this.entries, id, refusal.toRejection()));
      this.keep(id);
    }
    this.waiting.delete(id);
    changed();
  }

  private forget(id: string): void {
    this.replace(outbox.remove(this.entries, id));
  }

  /** Shows the new list, and takes off the device what is no longer in it. */
  private replace(entries: outbox.Outbox): void {
    const kept = new Set(entries.map(({ id }) => id));
    const gone = this.entries.filter(({ id }) => !kept.has(id));
    this.show(entries);
    for (const { id } of gone) this.onDisk((store, scope) => store.remove(scope, id));
  }

  private show(entries: outbox.Outbox): void {
    if (entries === this.entries) return;
    this.entries = entries;
    this.shown = entries.map(outbox.outgoing);
  }

  /** Writes the message to the device as it is when its turn comes; it may be gone by then. */
  private keep(id: string): void {
    this.onDisk(async (store, scope) => {
      const entry = outbox.find(this.entries, id);
      if (entry) await store.put(scope, outbox.stored(entry));
    });
  }

  /** In the order given. A device that keeps nothing is no reason not to send. */
  private onDisk(work: (store: OutboxStore, scope: OutboxScope) => Promise<void>): void {
    const { store, scope } = this.parts;
    this.disk.run(() => work(store, scope)).catch(() => undefined);
  }
}

/** What a message has beside its text. */
function partsOf({ replyTo, attachments }: SendMessageOptions): SendMessageOptions {
  return {
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(attachments?.length ? { attachments } : {}),
  };
}
