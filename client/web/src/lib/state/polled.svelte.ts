/** Something the server lists, kept fresh while the page is looked at. */
export class Polled<T> {
  readonly #load: () => Promise<T>;
  readonly #everyMs: number;
  #value = $state.raw<T | null>(null);
  #state = $state<"loading" | "ready" | "failed">("loading");
  #asked = 0;

  constructor(load: () => Promise<T>, everyMs: number) {
    this.#load = load;
    this.#everyMs = everyMs;
  }

  /** null: not loaded yet. */
  get value(): T | null {
    return this.#value;
  }

  /** Of the last load: the value of before stays when a later one fails. */
  get state(): "loading" | "ready" | "failed" {
    return this.#state;
  }

  async refresh(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const value = await this.#load();
      if (asked !== this.#asked) return;
      this.#value = value;
      this.#state = "ready";
    } catch {
      if (asked === this.#asked) this.#state = "failed";
    }
  }

  /** Forgets the value, as another one is asked for from now on. */
  restart(): void {
    this.#value = null;
    this.#state = "loading";
    void this.refresh();
  }

  /** Runs until the returned function is called. */
  start(): () => void {
    const refresh = () => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    refresh();
    const timer = setInterval(refresh, this.#everyMs);
    document.addEventListener("visibilitychange", refresh);
    window.addEventListener("online", refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refresh);
      window.removeEventListener("online", refresh);
    };
  }
}
