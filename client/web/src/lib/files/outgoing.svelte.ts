import type { ErrorCode } from "../../../../../core/domain/errors.ts";
import {
  type AttachedFile,
  attachmentLimit,
  type RejectReason,
} from "../../../../../core/domain/file/file.ts";
import { isPassing } from "../../../../sdk/errors.ts";
import type { FileRoom, SentFiles } from "../../../../sdk/types.ts";
import { rejectionOf } from "../state/account.svelte.ts";

/** Why it was not sent; an empty file is not even tried. */
export type SendFault = ErrorCode | "empty";

/** A file that goes with the next message. */
export interface OutgoingFile {
  readonly key: number;
  readonly name: string;
  readonly bytes: number;
  /** How much is there, 0 to 1. */
  readonly share: number;
  readonly sent: AttachedFile | null;
  readonly fault: SendFault | null;
  /** Why it was blocked by the checks, which go on while the message is written. */
  readonly blocked: RejectReason | null;
}

interface Sending {
  readonly file: File;
  giveUp: AbortController;
}

/** How often (ms) it is asked whether a file was blocked. */
const askMs = 1_000;

/** The same file may well go through in a while. */
export function mayPass(fault: SendFault): boolean {
  return fault === "upload_expired" || fault === "file_incomplete" || (fault !== "empty" && isPassing(fault));
}

/** Files that go with the next message: they are sent at once, while it is written. */
export class OutgoingFiles {
  readonly #files: SentFiles;
  readonly #room: FileRoom;
  readonly #sending = new Map<number, Sending>();
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
    for (const file of chosen.slice(0, room)) this.#take(file);
    return chosen.length <= room;
  }

  /** Sends it again from the beginning. */
  retry(key: number): void {
    const sending = this.#sending.get(key);
    if (!sending) return;
    this.#change(key, { share: 0, fault: null });
    sending.giveUp = new AbortController();
    void this.#send(key, sending);
  }

  /** The connection is back: what it broke off goes on by itself. */
  retryLost(): void {
    for (const { key, fault } of this.#list) if (fault === "unavailable") this.retry(key);
  }

  remove(key: number): void {
    const file = this.#list.find((one) => one.key === key);
    this.#sending.get(key)?.giveUp.abort();
    this.#sending.delete(key);
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

  #take(file: File): void {
    this.#counted += 1;
    const key = this.#counted;
    const fault = file.size === 0 ? "empty" : null;
    this.#list = [
      ...this.#list,
      { key, name: file.name, bytes: file.size, share: 0, sent: null, fault, blocked: null },
    ];
    if (fault !== null) return;
    const sending = { file, giveUp: new AbortController() };
    this.#sending.set(key, sending);
    void this.#send(key, sending);
  }

  async #send(key: number, { file, giveUp: { signal } }: Sending): Promise<void> {
    try {
      const progress = (share: number) => this.#change(key, { share });
      const sent = await this.#files.send(this.#room, file.name, file, { progress, signal });
      if (signal.aborted) return void this.#files.remove(sent.id).catch(() => undefined);
      this.#sending.delete(key);
      this.#change(key, { share: 1, sent });
      void this.#watch(key, sent.id);
    } catch (error) {
      if (!signal.aborted) this.#change(key, { fault: rejectionOf(error).code });
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
