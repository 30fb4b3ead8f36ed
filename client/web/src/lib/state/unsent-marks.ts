/** What the marks are kept in; null where the browser keeps nothing. */
export type MarkStorage = Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;

/**
 * Which chats of a person hold unsent messages on this device. The messages are the SDK's care, as soon as
 * the chat is joined; the marks say which chats to join for that when the page is opened anew.
 */
export class UnsentMarks {
  readonly #storage: MarkStorage;
  readonly #key: string;

  constructor(storage: MarkStorage, person: string) {
    this.#storage = storage;
    this.#key = `hugmedo.unsent.${person}`;
  }

  list(): readonly string[] {
    try {
      return this.#storage?.getItem(this.#key)?.split(" ").filter(Boolean) ?? [];
    } catch {
      return [];
    }
  }

  set(chat: string, unsent: boolean): void {
    const marked = this.list();
    if (marked.includes(chat) === unsent) return;
    const next = unsent ? [...marked, chat] : marked.filter((one) => one !== chat);
    try {
      if (next.length > 0) this.#storage?.setItem(this.#key, next.join(" "));
      else this.#storage?.removeItem(this.#key);
    } catch {
      // Without marks the messages go out when their chat is opened.
    }
  }
}
