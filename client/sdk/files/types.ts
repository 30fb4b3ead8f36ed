import type { AttachedFile, FileVariant } from "../../../core/domain/file/file.ts";
import type { FileView } from "../../../core/protocol/rest-files.ts";

export type { AttachedFile, FileVariant, RejectReason } from "../../../core/domain/file/file.ts";
export type { FileView } from "../../../core/protocol/rest-files.ts";

/** A room that files are sent to. */
export interface FileRoom {
  readonly kind: "chat" | "consultation";
  readonly id: string;
}

export interface SendOptions {
  /** Told how much is there, 0 to 1. */
  readonly progress?: (share: number) => void;
  /** Gives the sending up. */
  readonly signal?: AbortSignal;
}

/** Files of conversations. Every failure is a `HugMeDoError`. */
export interface SentFiles {
  /** Sends a file to a room; put it into a message then (`Chat.send`, `attachments`). Others get it once it has been checked. */
  send(room: FileRoom, name: string, content: Blob, options?: SendOptions): Promise<AttachedFile>;
  /** What it is, and where it stands. */
  look(id: string): Promise<FileView>;
  /** An address that is good for five minutes, for this session alone. */
  link(id: string, variant?: FileVariant): Promise<string>;
  /** Takes back a file that is in no message. */
  remove(id: string): Promise<void>;
}
