import type { DomainEvent } from "./feature.ts";

/** In place of a name or a text whose key was destroyed. */
export const erasedText = "(erased)";

/** Something that happened, of which nothing more is known than the journal has in the clear. No feature owns it, so it changes nothing. */
export interface ErasedEvent extends DomainEvent {
  readonly type: "erased";
  /** The type that it was of. */
  readonly was: string;
}

/** A message that stays in its place in the conversation, without its text. */
interface ErasedMessage extends DomainEvent {
  readonly type: "chat.message";
  readonly id: string;
  readonly body: null;
}

/** What is left of an event whose key was destroyed: always the same for the same row. */
export function erasedEvent(type: string, seq: number): ErasedEvent | ErasedMessage {
  if (type === "chat.message") return { type, id: `erased-${seq}`, body: null };
  return { type: "erased", was: type };
}
