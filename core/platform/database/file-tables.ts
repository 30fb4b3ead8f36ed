import type { ColumnType, Generated } from "kysely";
import type { FileState, FileVariant, RejectReason } from "../../domain/file/file.ts";

/** A file that somebody sent to a room. */
export interface FileTable {
  id: string;
  org: string;
  kind: string;
  room: string;
  /** Who sent it. */
  owner: string;
  /** The person whose key encrypts it; null: the room has one of its own. */
  subject: string | null;
  /** The id of the owner's command that attached it, or is about to; null: none has. */
  command: string | null;
  /** When that command came. */
  reserved_at: Date | null;
  /** Seq of the message that carries it, once that has been noticed. */
  seq: number | null;
  created_at: Generated<Date>;
  /** From then on nobody is shown it; its objects and its row follow. */
  removed_at: Date | null;
}

/** What a variant of a file is, and in which of the file's folders its parts are. */
export interface StoredVariant {
  readonly folder: string;
  readonly type: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type StoredVariants = { readonly [variant in FileVariant]?: StoredVariant };

/** One content of a file, on its way in or there. It is the queue of what is to be checked, too. */
export interface FileVersionTable {
  org: string;
  file: string;
  version: number;
  /** The data key that it and its name are encrypted with. */
  key_id: string;
  name: Uint8Array;
  /** As it was announced, and found to be. */
  type: string;
  bytes: number;
  sha256: Uint8Array;
  state: FileState;
  reason: RejectReason | null;
  /** Whether something has looked for viruses in it. */
  scanned: Generated<boolean>;
  /** Whether it comes by way of the store's `incoming/`, and something may be left there. */
  incoming: boolean;
  variants: ColumnType<StoredVariants, string | undefined, string>;
  tries: Generated<number>;
  /** How often whoever worked on it was not heard of again. */
  lost: Generated<number>;
  due_at: Generated<Date>;
  lease: string | null;
  leased_until: Date | null;
  expires_at: Date;
  created_at: Generated<Date>;
}

export interface FileTables {
  file: FileTable;
  file_version: FileVersionTable;
}
