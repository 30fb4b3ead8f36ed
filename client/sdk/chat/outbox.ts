import type { Rejection } from "../../../core/domain/errors.ts";
import type { OutgoingMessage } from "../types.ts";
import type { StoredMessage } from "./outbox-store.ts";

/** A message on its way; `seq` is known once the server has it. */
export interface Entry extends StoredMessage {
  readonly seq?: number;
}

/** In written order. Every function here is pure, and gives the same list back where nothing changes. */
export type Outbox = readonly Entry[];

/** A message of the conversation, as far as the outbox cares. */
export interface Arrival {
  readonly id: string;
  readonly from: string;
  readonly seq: number;
}

export function add(outbox: Outbox, entry: Entry): Outbox {
  return [...outbox, entry];
}

/**
 * Takes in what was kept on this device, before whatever was written since: that is later, also where the
 * device's clock was set back.
 */
export function restore(outbox: Outbox, stored: readonly StoredMessage[]): Outbox {
  const known = new Set(outbox.map(({ id }) => id));
  const fresh = stored.filter(({ id }) => !known.has(id));
  const last = Math.max(...fresh.map(({ writtenAt }) => writtenAt));
  if (fresh.length === 0) return outbox;
  const since = outbox.map((entry, at) => ({
    ...entry,
    writtenAt: Math.max(entry.writtenAt, last + 1 + at),
  }));
  return [...fresh, ...since];
}

export function find(outbox: Outbox, id: string): Entry | undefined {
  return outbox.find((entry) => entry.id === id);
}

export function remove(outbox: Outbox, id: string): Outbox {
  return keep(outbox, (entry) => entry.id !== id);
}

/** The server has it as `seq`. It stays to be seen until its event is there, which may have been before. */
export function acknowledge(outbox: Outbox, id: string, seq: number, lastSeq: number): Outbox {
  return seq <= lastSeq ? remove(outbox, id) : change(outbox, id, { seq });
}

export function refuse(outbox: Outbox, id: string, rejection: Rejection): Outbox {
  return change(outbox, id, { rejection });
}

/** Drops what can be seen in the conversation now, which reaches up to `lastSeq`. */
export function arrive(outbox: Outbox, mine: ReadonlySet<string>, lastSeq: number): Outbox {
  return keep(outbox, ({ id, seq }) => !mine.has(id) && (seq === undefined || seq > lastSeq));
}

/** The first message that the server is not known to have. */
export function nextToSend(outbox: Outbox): Entry | undefined {
  return outbox.find((entry) => entry.seq === undefined && entry.rejection === undefined);
}

/** As it is kept on the device: what the server has is kept only until it is seen. */
export function stored({ seq: _seq, ...message }: Entry): StoredMessage {
  return message;
}

export function outgoing({ seq: _seq, ...message }: Entry): OutgoingMessage {
  return { ...message, status: message.rejection ? "refused" : "sending" };
}

function change(outbox: Outbox, id: string, what: Partial<Entry>): Outbox {
  if (!find(outbox, id)) return outbox;
  return outbox.map((entry) => (entry.id === id ? { ...entry, ...what } : entry));
}

function keep(outbox: Outbox, wanted: (entry: Entry) => boolean): Outbox {
  const kept = outbox.filter(wanted);
  return kept.length === outbox.length ? outbox : kept;
}
