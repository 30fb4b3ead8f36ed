import type { MessageView } from "../../../core/domain/conversation/view.ts";
import type { MessageLog } from "./message-log.ts";

/** Messages from before a seq (null: the newest), newest first. `next` is null on the last page. */
export type HistoryPages = (
  before: number | null,
) => Promise<{ readonly items: readonly MessageView[]; readonly next: string | null }>;

/** Loads what was written before, page by page, into the log. */
export class History {
  private readonly pages: HistoryPages;
  private readonly log: MessageLog;
  private readonly loaded: (messages: readonly MessageView[]) => void;
  private newest: Promise<number> | null = null;
  private older: Promise<void> | null = null;
  private more = false;

  constructor(pages: HistoryPages, log: MessageLog, loaded: (messages: readonly MessageView[]) => void) {
    this.pages = pages;
    this.log = log;
    this.loaded = loaded;
  }

  /** Whether there is something older than what is loaded. */
  get hasOlder(): boolean {
    return this.more;
  }

  /** Loads the newest page, once; the seq of its newest message, 0 when there is none. */
  loadNewest(): Promise<number> {
    this.newest ??= this.load(null).catch((error: unknown) => {
      this.newest = null;
      throw error;
    });
    return this.newest;
  }

  /** Loads the page before the oldest message. Calls while one is under way are one call. */
  loadOlder(): Promise<void> {
    const { oldest } = this.log;
    if (!this.more || oldest === null) return Promise.resolve();
    this.older ??= this.load(oldest)
      .then(() => undefined)
      .finally(() => {
        this.older = null;
      });
    return this.older;
  }

  /** Forgets all that was loaded. */
  reset(): void {
    this.newest = null;
    this.more = false;
    this.log.clear();
  }

  private async load(before: number | null): Promise<number> {
    const { items, next } = await this.pages(before);
    if (this.log.oldest !== before) return 0;
    this.more = next !== null;
    this.log.prepend(items);
    this.loaded(items);
    return items[0]?.seq ?? 0;
  }
}
