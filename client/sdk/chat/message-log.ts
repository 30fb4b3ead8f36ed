import { foldMessages, type MessageView } from "../../../core/domain/conversation/view.ts";
import type { ResumedEvent } from "../../../core/protocol/events.ts";

type Views = ReadonlyMap<number, MessageView>;

/** Amendments that a page of history, asked for before they came, may not know of yet. */
const amendmentLimit = 256;

/** The messages that are loaded, in seq order and without gaps, as they read now. */
export class MessageLog {
  private views: Views = new Map();
  private amendments: readonly ResumedEvent[] = [];
  private listed: readonly MessageView[] | null = null;

  /** The same array until something changes. */
  get messages(): readonly MessageView[] {
    this.listed ??= [...this.views.values()];
    return this.listed;
  }

  get oldest(): number | null {
    return this.messages[0]?.seq ?? null;
  }

  /** Takes delivered events, in order. */
  apply(events: readonly ResumedEvent[]): void {
    this.amendments = [...this.amendments, ...events.filter(isAmendment)].slice(-amendmentLimit);
    this.show(fold(this.views, events));
  }

  /** Takes a page of history, newest first, from before the oldest message that is loaded. */
  prepend(page: readonly MessageView[]): void {
    const older = new Map(page.toReversed().map((message) => [message.seq, message]));
    // Folding an amendment again changes nothing, so it is no matter whether the page knows it.
    this.show(new Map([...fold(older, this.amendments), ...this.views]));
  }

  clear(): void {
    this.amendments = [];
    this.show(new Map());
  }

  private show(views: Views): void {
    this.views = views;
    this.listed = null;
  }
}

function fold(views: Views, events: readonly ResumedEvent[]): Views {
  const recorded = events.map((event) => ({ seq: event.seq, at: event.at, by: event.from, event }));
  return foldMessages(views, recorded);
}

function isAmendment({ type }: ResumedEvent): boolean {
  return type === "chat.edited" || type === "chat.deleted" || type === "chat.reacted";
}
