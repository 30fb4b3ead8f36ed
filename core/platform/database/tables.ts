import type { ColumnType, Generated } from "kysely";
import type { ContractTables } from "./contract-tables.ts";
import type { EventsTables } from "./events-tables.ts";
import type { FileTables } from "./file-tables.ts";
import type { IdentityTables } from "./identity-tables.ts";
import type { PeopleTables } from "./people-tables.ts";
import type { RecordsTables } from "./records-tables.ts";
import type { SearchTables } from "./search-tables.ts";

/** Milliseconds since the epoch; bigint columns are read as numbers (all fit 53 bits). */
type Millis = number;

/** One row a room: who may write it now. The authority over the cluster. */
export interface RoomOwnerTable {
  kind: string;
  id: string;
  org: string;
  /** The data key that encrypts the room's text. */
  key_id: string;
  epoch: Generated<number>;
  next_seq: Generated<number>;
  process: string | null;
  /** The live incarnation's Colyseus roomId. */
  incarnation: string | null;
  created_at: Generated<Date>;
}

/** One row a process that serves rooms: its lease, and what others should know of it. */
export interface ProcessTable {
  id: string;
  /** Host, and port where it has one, under which clients reach its sockets. */
  address: string;
  version: string;
  started_at: Generated<Date>;
  renewed_at: Generated<Date>;
  draining: Generated<boolean>;
  rooms: Generated<number>;
  people: Generated<number>;
  /** Of its event loop, 0 to 1. */
  load: Generated<number>;
}

export interface JournalTable {
  org: string;
  kind: string;
  id: string;
  seq: number;
  epoch: number;
  tx: ColumnType<string, never, never>;
  position: ColumnType<number, never, never>;
  type: string;
  version: number;
  actor: string;
  /** Seq of the message that this event amends. */
  amends: number | null;
  at: Millis;
  payload: Uint8Array;
}

export interface CommandTable {
  kind: string;
  id: string;
  principal: string;
  command_id: string;
  body_hmac: Uint8Array;
  first_seq: number;
  last_seq: number;
}

/** The latest state of a room at some seq, encrypted. */
export interface SnapshotTable {
  kind: string;
  id: string;
  seq: number;
  version: number;
  payload: Uint8Array;
}

/** When a room next has something to do by itself. */
export interface RoomDueTable {
  kind: string;
  id: string;
  at: Millis;
}

/** Index of who belongs to which room and has read how far, written with the events that change it. */
export interface RoomMemberTable {
  org: string;
  kind: string;
  id: string;
  person: string;
  role: string;
  cursor: Generated<number>;
}

/** Index of rooms that are looked up by when, whose and for whom they are, written with the events that change it. */
export interface RoomListingTable {
  org: string;
  kind: string;
  id: string;
  /** When it is (a visit's planned start); 0: at no time of its own. */
  at: Generated<Millis>;
  /** Whose it is: a visit's clinician. */
  owner: string | null;
  /** Whom it is about: a visit's patient. */
  subject: string | null;
  status: string;
}

/** Who saw or did what. The engine adds entries and reads them, and nothing else. */
export interface AuditEntryTable {
  id: ColumnType<number, never, never>;
  tx: ColumnType<string, never, never>;
  org: string;
  at: Millis;
  actor: string;
  action: string;
  kind: string | null;
  room: string | null;
  subject: string | null;
  /** Goes in as JSON text. */
  detail: ColumnType<Readonly<Record<string, unknown>>, string | undefined, never>;
}

export interface DataKeyTable {
  id: string;
  org: string;
  scope: "room" | "person";
  subject: string;
  wrapped: Uint8Array;
  /** The first seq of its room that is encrypted under it; what is before was erased. */
  since: Generated<number>;
  created_at: Generated<Date>;
}

/** One row a media node: where rooms reach it. */
export interface MediaNodeTable {
  id: string;
  /** Host and port. */
  address: string;
  version: string;
  workers: Generated<number>;
  sessions: Generated<number>;
  consumers: Generated<number>;
  draining: Generated<boolean>;
  seen_at: Generated<Date>;
}

/** What an organisation has settled for itself. */
export interface OrgSettingTable {
  org: string;
  name: string;
  /** Goes in as JSON text. */
  value: ColumnType<unknown, string, string>;
  changed_at: Generated<Date>;
}

/** One row a segment that Amazon Chime records, with its lease. Times are by the database's clock. */
export interface ChimeCaptureTable {
  recording: string;
  segment: number;
  /** Where its files go: the ARN of a bucket, and a path. */
  sink: string;
  /** Amazon's names of the pipeline; null: it has not told them. */
  pipeline: string | null;
  arn: string | null;
  /** The highest of its room that was seen. */
  epoch: Generated<number>;
  started_at: Generated<Date>;
  renewed_at: Generated<Date>;
  /** When somebody last set out to end it. */
  swept_at: Date | null;
  ended_at: Date | null;
}

export interface Tables
  extends ContractTables,
    EventsTables,
    FileTables,
    IdentityTables,
    PeopleTables,
    RecordsTables,
    SearchTables {
  room_owner: RoomOwnerTable;
  process: ProcessTable;
  media_node: MediaNodeTable;
  journal: JournalTable;
  command: CommandTable;
  snapshot: SnapshotTable;
  room_due: RoomDueTable;
  room_member: RoomMemberTable;
  room_listing: RoomListingTable;
  audit_entry: AuditEntryTable;
  data_key: DataKeyTable;
  org_setting: OrgSettingTable;
  chime_capture: ChimeCaptureTable;
}
