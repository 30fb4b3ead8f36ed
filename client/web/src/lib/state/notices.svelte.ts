export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "problem";
  /** What can be done about it, such as taking it back. */
  readonly action: NoticeAction | null;
}

export interface NoticeAction {
  readonly label: string;
  run(): void;
}

const shownForMs = { info: 4000, problem: 9000 };

/** Short messages about what was just done, or could not be. */
export class Notices {
  #next = 0;
  #list = $state.raw<readonly Notice[]>([]);

  get list(): readonly Notice[] {
    return this.#list;
  }

  show(text: string, kind: Notice["kind"] = "info", action: NoticeAction | null = null): void {
    const id = this.#next++;
    const others = this.#list.filter((notice) => notice.text !== text);
    this.#list = [...others, { id, text, kind, action }].slice(-3);
    setTimeout(() => this.dismiss(id), action ? shownForMs.problem : shownForMs[kind]);
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }
}
