import { sql } from "kysely";
import type { Db } from "../database/database.ts";

/** A process that serves rooms, as the database has it. */
export interface ProcessRow {
  /** `<12 hexadecimal digits>-<6 more>`; new with every start. */
  readonly id: string;
  /** Host, and port where it has one, under which clients reach its sockets. */
  readonly address: string;
  readonly version: string;
  readonly startedAt: number;
  /** Since it last renewed its lease, by the database's clock (ms). */
  readonly silentMs: number;
  /** It takes no new rooms and hands over those it has. */
  readonly draining: boolean;
  readonly rooms: number;
  readonly people: number;
  /** Of its event loop, 0 to 1. */
  readonly load: number;
}

/** What a process says of itself with every renewal. */
export type OwnProcess = Pick<ProcessRow, "id" | "address" | "version" | "rooms" | "people" | "load">;

export interface Processes {
  /** Renews the process's lease (makes its row where there is none), and returns all rows, as they were before. */
  renew(own: OwnProcess): Promise<readonly ProcessRow[]>;
  list(): Promise<readonly ProcessRow[]>;
  /** False: there is no such process. */
  setDraining(id: string, draining: boolean): Promise<boolean>;
  /** Takes the row away: the process has ended, or its rooms are all elsewhere. */
  remove(id: string): Promise<void>;
}

export function createProcesses(db: Db): Processes {
  const columns = sql`
    id, address, version, draining, rooms, people, load,
    (extract(epoch from started_at) * 1000)::bigint as "startedAt",
    (extract(epoch from clock_timestamp() - renewed_at) * 1000)::bigint as "silentMs"`;
  return {
    renew: async ({ id, address, version, rooms, people, load }) => {
      const { rows } = await sql<ProcessRow>`
        with renewed as (
          insert into process (id, address, version, rooms, people, load)
          values (${id}, ${address}, ${version}, ${rooms}, ${people}, ${load})
          on conflict (id) do update
          set renewed_at = clock_timestamp(), rooms = excluded.rooms, people = excluded.people, load = excluded.load
        )
        select ${columns} from process order by started_at, id`.execute(db);
      return rows;
    },
    list: async () => {
      const { rows } = await sql<ProcessRow>`select ${columns} from process order by started_at, id`.execute(
        db,
      );
      return rows;
    },
    setDraining: async (id, draining) => {
      const { numUpdatedRows } = await db
        .updateTable("process")
        .set({ draining })
        .where("id", "=", id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    remove: async (id) => {
      await db.deleteFrom("process").where("id", "=", id).execute();
    },
  };
}
