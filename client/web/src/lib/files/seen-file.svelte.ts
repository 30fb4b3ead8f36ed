import type { FileView, SentFiles } from "../../../../sdk/types.ts";
import { rejectionOf } from "../state/account.svelte.ts";

/** How often (ms) a file that is being checked is looked at, at first and later. */
const soonMs = 1_000;
const laterMs = 15_000;

/** A file in a message as the page sees it: looked at until it has been checked. */
export class SeenFile {
  readonly #files: SentFiles;
  readonly #id: string;
  #view: FileView | null = $state.raw(null);
  #gone = $state(false);
  #preview: string | null = $state.raw(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(files: SentFiles, id: string) {
    this.#files = files;
    this.#id = id;
    void this.#look(soonMs);
  }

  /** null: it is not known yet. */
  get view(): FileView | null {
    return this.#view;
  }

  /** It is no longer kept. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Where its preview is; null: it has none, or not yet. */
  get preview(): string | null {
    return this.#preview;
  }

  /** Has the browser save it. */
  async save(): Promise<void> {
    const link = document.createElement("a");
    link.href = await this.#files.link(this.#id);
    link.rel = "noopener";
    link.click();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(pause: number): Promise<void> {
    try {
      const view = await this.#files.look(this.#id);
      this.#view = view;
      if (view.state === "clean" && view.variants.includes("preview")) {
        this.#preview = await this.#files.link(this.#id, "preview");
      }
      if (view.state === "clean" || view.state === "rejected") return;
    } catch (error) {
      this.#gone = rejectionOf(error).code === "file_not_found";
      if (this.#gone) return;
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(Math.min(pause * 1.5, laterMs)), pause);
  }
}
