export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "problem";
}

const shownForMs = { info: 4000, problem: 9000 };

/** Short messages about what was just done, or could not be. */
export class Notices {
  #next = 0;
  #list = $state.raw<readonly Notice[]>([]);

  get list(): readonly Notice[] {
    return this.#list;
  }

  show(text: string, kind: Notice["kind"] = "info"): void {
    const id = this.#next++;
    const others = this.#list.filter((notice) => notice.text !== text);
    this.#list = [...others, { id, text, kind }].slice(-3);
    setTimeout(() => this.dismiss(id), shownForMs[kind]);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }
}
