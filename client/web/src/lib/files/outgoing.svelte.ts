import type { ErrorCode } from "../../../../../core/domain/errors.ts";
import {
  type AttachedFile,
  attachmentLimit,
  type RejectReason,
} from "../../../../../core/domain/file/file.ts";
import type { FileRoom, SentFiles } from "../../../../sdk/types.ts";
import { rejectionOf } from "../state/account.svelte.ts";

/** A file that goes with the next message. */
export interface OutgoingFile {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  /** How much is there, 0 to 1. */
  readonly share: number;
  readonly sent: AttachedFile | null;
  readonly fault: ErrorCode | null;
  /** Why it was blocked by the checks, which go on while the message is written. */
  readonly blocked: RejectReason | null;
}

/** How often (ms) it is asked whether a file was blocked. */
const askMs = 1_000;

/** Files that go with the next message: they are sent at once, while it is written. */
export class OutgoingFiles {
  readonly #files: SentFiles;
  readonly #room: FileRoom;
  readonly #givingUp = new Map<number, AbortController>();
  #list: readonly OutgoingFile[] = $state.raw([]);
  #counted = 0;

  constructor(files: SentFiles, room: FileRoom) {
    this.#files = files;
    this.#room = room;
  }

  get list(): readonly OutgoingFile[] {
    return this.#list;
  }

  /** Something is still on its way. */
  get busy(): boolean {
    return this.#list.some(({ sent, fault }) => sent === null && fault === null);
  }

  get ready(): readonly AttachedFile[] {
    return this.#list.flatMap(({ sent, blocked }) => (blocked === null && sent) || []);
  }

  /** Returns whether there was room for all of them. */
  add(chosen: readonly File[]): boolean {
    const room = attachmentLimit - this.#list.length;
    for (const file of chosen.slice(0, room)) void this.#send(file);
    return chosen.length <= room;
  }

  remove(key: number): void {
    const file = this.#list.find((one) => one.key === key);
    this.#givingUp.get(key)?.abort();
    this.#list = this.#list.filter((one) => one.key !== key);
    if (file?.sent) this.#files.remove(file.sent.id).catch(() => undefined);
  }

  /** They are in a message now. What was not sent stays, to be seen. */
  taken(): void {
    this.#list = this.#list.filter(({ sent, blocked }) => sent === null || blocked !== null);
  }

  /** Nobody is going to send them. */
  close(): void {
    for (const { key } of this.#list) this.remove(key);
  }

  async #send(file: File): Promise<void> {
    this.#counted += 1;
    const key = this.#counted;
    const giveUp = new AbortController();
    this.#givingUp.set(key, giveUp);
    this.#list = [
      ...this.#list,
      { key, name: file.name, bytes: file.size, share: 0, sent: null, fault: null, blocked: null },
    ];
    try {
      const progress = (share: number) => this.#change(key, { share });
      const sent = await this.#files.send(this.#room, file.name, file, { progress, signal: giveUp.signal });
      if (giveUp.signal.aborted) this.#files.remove(sent.id).catch(() => undefined);
      this.#change(key, { share: 1, sent });
      void this.#watch(key, sent.id);
    } catch (error) {
      this.#change(key, { fault: rejectionOf(error).code });
    } finally {
      this.#givingUp.delete(key);
    }
  }

  /** For as long as it waits here to go with a message. */
  async #watch(key: number, id: string): Promise<void> {
    while (this.#list.some((one) => one.key === key)) {
      const view = await this.#files.look(id).catch(() => null);
      if (view?.state === "clean") return;
      if (view?.state === "rejected") return this.#change(key, { blocked: view.reason ?? "unreadable" });
      await new Promise((resolve) => setTimeout(resolve, askMs));
    }
  }

  #change(key: number, what: Partial<OutgoingFile>): void {
    this.#list = this.#list.map((one) => (one.key === key ? { ...one, ...what } : one));
  }
}
