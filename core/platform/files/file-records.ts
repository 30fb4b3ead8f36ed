import { type SqlBool, sql } from "kysely";
import type { Db } from "../database/database.ts";

/** What retention and erasure ask of files: `Retained` and `Eraser` of core/platform/records. */
export interface FileRecords {
  readonly kind: "files";
  readonly name: "files";
  /**
   * Removes an organisation's files from before `time` (ms since the epoch), but for those whose room (`chat:<id>`), sender, or subject is
   * held. Returns how many. Nobody is shown them from then on; the objects follow within a minute.
   */
  removeBefore(org: string, time: number, held: ReadonlySet<string>): Promise<number>;
  /** Removes what is in rooms about this person, and what they sent to rooms that are about nobody. */
  erase(subject: { readonly org: string; readonly person: string }): Promise<void>;
}

const pageSize = 1_000;
const removedNow = sql<Date>`clock_timestamp()`;

export function createFileRecords(db: Db): FileRecords {
  const withKeys = (org: string) =>
    db
      .selectFrom("file")
      .leftJoin("room_owner as o", (on) =>
        on.onRef("o.kind", "=", "file.kind").onRef("o.id", "=", "file.room"),
      )
      .leftJoin("data_key as k", "k.id", "o.key_id")
      .where("file.org", "=", org)
      .where("file.removed_at", "is", null);
  const remove = async (ids: readonly string[]): Promise<void> => {
    if (ids.length > 0)
      await db.updateTable("file").set({ removed_at: removedNow }).where("id", "in", ids).execute();
  };
  return {
    kind: "files",
    name: "files",
    removeBefore: async (org, time, held) => {
      let count = 0;
      let after = "";
      for (;;) {
        const page = await withKeys(org)
          .select(["file.id", "file.kind", "file.room", "file.owner", "k.scope", "k.subject"])
          .where("file.created_at", "<", new Date(time))
          .where("file.id", ">", after)
          .orderBy("file.id")
          .limit(pageSize)
          .execute();
        const free = page.filter((row) => !namesOf(row).some((name) => held.has(name)));
        await remove(free.map(({ id }) => id));
        count += free.length;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return count;
        after = last.id;
      }
    },
    erase: async ({ org, person }) => {
      const theirs = await withKeys(org)
        .select("file.id")
        .where(
          sql<SqlBool>`(k.scope = 'person' and k.subject = ${person})
            or (file.owner = ${person} and coalesce(k.scope, 'room') = 'room')`,
        )
        .execute();
      await remove(theirs.map(({ id }) => id));
    },
  };
}

/** By which a file may be held: its sender, the person that its room is about, and the room. */
function namesOf(row: {
  readonly kind: string;
  readonly room: string;
  readonly owner: string;
  readonly scope: string | null;
  readonly subject: string | null;
}): readonly string[] {
  const { kind, room, owner, scope, subject } = row;
  return [owner, `${kind}:${room}`, ...(scope === "person" && subject !== null ? [subject] : [])];
}
