import { sql } from "kysely";
import type { Db } from "../database/database.ts";

/** A media node, as the database has it. */
export interface MediaNodeRow {
  /** That of its process: new with every start. */
  readonly id: string;
  /** Host and port under which rooms reach its control channel. */
  readonly address: string;
  readonly version: string;
  readonly workers: number;
  readonly sessions: number;
  readonly consumers: number;
  readonly draining: boolean;
  /** Since it was last heard of, by the database's clock (ms). */
  readonly silentMs: number;
}

export interface MediaNodes {
  /** Says that the node is there (makes its row where there is none), and takes away those that have long been silent. */
  renew(own: Omit<MediaNodeRow, "silentMs">): Promise<void>;
  list(): Promise<readonly MediaNodeRow[]>;
  remove(id: string): Promise<void>;
}

const forgottenAfter = "1 minute";

export function createMediaNodes(db: Db): MediaNodes {
  return {
    renew: async ({ id, address, version, workers, sessions, consumers, draining }) => {
      await sql`
        with forgotten as (
          delete from media_node where seen_at < clock_timestamp() - ${forgottenAfter}::interval and id <> ${id}
        )
        insert into media_node (id, address, version, workers, sessions, consumers, draining)
        values (${id}, ${address}, ${version}, ${workers}, ${sessions}, ${consumers}, ${draining})
        on conflict (id) do update
        set seen_at = clock_timestamp(), workers = excluded.workers, sessions = excluded.sessions,
          consumers = excluded.consumers, draining = excluded.draining`.execute(db);
    },
    list: async () => {
      const { rows } = await sql<MediaNodeRow>`
        select id, address, version, workers, sessions, consumers, draining,
          (extract(epoch from clock_timestamp() - seen_at) * 1000)::bigint as "silentMs"
        from media_node order by id`.execute(db);
      return rows;
    },
    remove: async (id) => {
      await db.deleteFrom("media_node").where("id", "=", id).execute();
    },
  };
}
