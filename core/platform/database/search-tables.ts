import type { ColumnType, Generated } from "kysely";

/** One row a build of the search index: what is looked up in, what is being made beside it, what is being removed. */
export interface SearchGenerationTable {
  id: number;
  state: "live" | "building" | "retired";
  /** Of the master key that the keys of its hashes come from. */
  key_name: string;
  /** How far it has read the journal. */
  tx: ColumnType<string, string | undefined, string>;
  position: Generated<number>;
  started_at: Generated<Date>;
  touched_at: Generated<Date>;
}

/** One row a text that can be found: where it is, and what of it the index knows, as keyed hashes. No text. */
export interface SearchDocTable {
  doc: ColumnType<number, never, never>;
  generation: number;
  org: string;
  kind: "message" | "file" | "chat" | "queue" | "visit";
  room_kind: string;
  room: string;
  /** Of the message; 0: it is the room itself. */
  seq: number;
  author: string;
  /** The person under whose key the room is. */
  subject: string | null;
  /** Milliseconds since the epoch. */
  at: number;
  /** The events whose words these are. */
  sources: number[];
  grams: number[];
}

export interface SearchTables {
  search_generation: SearchGenerationTable;
  search_doc: SearchDocTable;
}
