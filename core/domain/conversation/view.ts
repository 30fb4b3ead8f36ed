import type { Recorded } from "../feature.ts";
import type { AttachedFile } from "../file/file.ts";
import type { DeliveredEvent } from "./events.ts";

/** An event as it is read later: a text that was deleted, or replaced by a later edit, is null. */
export type Readable<E> = E extends { readonly body: string }
  ? Omit<E, "body"> & { readonly body: string | null }
  : E;
type ReadableEvent = Readable<DeliveredEvent>;

/** A message as a reader sees it now: the latest body, or none when it was deleted. */
export interface MessageView {
  readonly seq: number;
  /** The id of the command that sent it. */
  readonly id: string;
  readonly from: string;
  readonly at: number;
  /** null: deleted (or erased). */
  readonly body: string | null;
  readonly replyTo?: number;
  readonly attachments?: readonly AttachedFile[];
  readonly editedAt?: number;
  readonly deletedAt?: number;
  /** emoji → the people who chose it, in order. */
  readonly reactions: Readonly<Record<string, readonly string[]>>;
}

/**
 * Folds messages and what amends them into what is shown. Takes events in seq order; amendments of
 * messages it has not seen are passed over. The server's history and the SDK's live list use the same fold.
 */
export function foldMessages(
  views: ReadonlyMap<number, MessageView>,
  events: Iterable<Recorded<ReadableEvent>>,
): Map<number, MessageView> {
  const next = new Map(views);
  for (const recorded of events) foldMessage(next, recorded);
  return next;
}

function foldMessage(views: Map<number, MessageView>, { seq, at, by, event }: Recorded<ReadableEvent>): void {
  if (event.type === "chat.message") {
    if (views.has(seq)) return;
    const { id, body, replyTo, attachments } = event;
    const view = { seq, id, from: by, at, body, reactions: {}, ...(attachments && { attachments }) };
    views.set(seq, replyTo === undefined ? view : { ...view, replyTo });
    return;
  }
  if (event.type === "chat.memberChanged") return;
  const view = views.get(event.of);
  if (!view || view.deletedAt !== undefined) return;
  if (event.type === "chat.edited") views.set(view.seq, { ...view, body: event.body, editedAt: at });
  if (event.type === "chat.deleted") {
    const { attachments: _gone, ...left } = view;
    views.set(view.seq, { ...left, body: null, deletedAt: at, reactions: {} });
  }
  if (event.type === "chat.reacted") views.set(view.seq, { ...view, reactions: react(view, event, by) });
}

function react(
  view: MessageView,
  { emoji, on }: { readonly emoji: string; readonly on: boolean },
  by: string,
): MessageView["reactions"] {
  const others = (view.reactions[emoji] ?? []).filter((person) => person !== by);
  const people = on ? [...others, by] : others;
  const { [emoji]: _before, ...rest } = view.reactions;
  return people.length > 0 ? { ...rest, [emoji]: people } : rest;
}
