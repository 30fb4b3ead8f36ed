/** What marks are kept in; null where the browser keeps nothing. */
export type MarkStorage = Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;

/** Some rooms, remembered by this browser under one key. */
export class Marks {
  readonly #storage: MarkStorage;
  readonly #key: string;

  constructor(storage: MarkStorage, key: string) {
    this.#storage = storage;
    this.#key = key;
  }

  list(): readonly string[] {
    try {
      return this.#storage?.getItem(this.#key)?.split(" ").filter(Boolean) ?? [];
    } catch {
      return [];
    }
  }

  set(room: string, on: boolean): void {
    const marked = this.list();
    if (marked.includes(room) === on) return;
    const next = on ? [...marked, room] : marked.filter((one) => one !== room);
    try {
      if (next.length > 0) this.#storage?.setItem(this.#key, next.join(" "));
      else this.#storage?.removeItem(this.#key);
    } catch {
      // Without marks a room is taken up when its page is opened.
    }
  }
}
