import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { Db } from "../database/database.ts";
import type { Eraser, Retained } from "../records/eraser.ts";
import type { Counted } from "../records/retention-preview.ts";

/** What retention and erasure ask of files. Nobody is shown what is removed from then on; the objects follow within a minute. */
export interface FileRecords {
  readonly retained: Retained;
  readonly counted: Counted;
  /** Removes what is in rooms about this person, and what they sent to rooms that are about nobody. */
  readonly eraser: Eraser;
}

const name = "files";
const pageSize = 1_000;
const removedNow = sql<Date>`clock_timestamp()`;

export function createFileRecords(db: Db): FileRecords {
  const remove = async (ids: readonly string[]): Promise<void> => {
    if (ids.length > 0)
      await db.updateTable("file").set({ removed_at: removedNow }).where("id", "in", ids).execute();
  };
  const pageBefore = (org: string, time: number, after: string) =>
    db
      .selectFrom("file")
      .select(["id", "kind", "room", "owner", "subject"])
      .where("org", "=", org)
      .where("removed_at", "is", null)
      .where("created_at", "<", new Date(time))
      // Another version of it may be newer than the file.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("file_version as v")
              .select("v.file")
              .whereRef("v.file", "=", "file.id")
              .where("v.created_at", ">=", new Date(time)),
          ),
        ),
      )
      .where("id", ">", after)
      .orderBy("id")
      .limit(pageSize)
      .execute();
  return {
    retained: {
      kind: name,
      removeBefore: async (org, time, held) => {
        for (let after = ""; ; ) {
          const page = await pageBefore(org, time, after);
          const free = page.filter((row) => !holds(held, row));
          await remove(free.map(({ id }) => id));
          const last = page.at(-1);
          if (free.length > 0 || !last || page.length < pageSize) return free.length;
          after = last.id;
        }
      },
    },
    counted: {
      kind: name,
      countBefore: async (org, time, held) => {
        let count = 0;
        for (let after = ""; ; ) {
          const page = await pageBefore(org, time, after);
          count += page.filter((row) => !holds(held, row)).length;
          const last = page.at(-1);
          if (!last || page.length < pageSize) return count;
          after = last.id;
        }
      },
    },
    eraser: {
      name,
      erase: async ({ org, person }, held) => {
        const rows = await db
          .selectFrom("file")
          .select(["id", "kind", "room", "owner", "subject"])
          .where("org", "=", org)
          .where("removed_at", "is", null)
          .where((file) =>
            file.or([
              file("subject", "=", person),
              file.and([file("owner", "=", person), file("subject", "is", null)]),
            ]),
          )
          .execute();
        const free = rows.filter((row) => !holds(held, row));
        for (let from = 0; from < free.length; from += pageSize)
          await remove(free.slice(from, from + pageSize).map(({ id }) => id));
        if (free.length < rows.length) throw new DomainError("held");
      },
    },
  };
}

interface Row {
  readonly kind: string;
  readonly room: string;
  readonly owner: string;
  readonly subject: string | null;
}

/** Its sender, the person it is about, or its room. */
function holds(held: ReadonlySet<string>, { kind, room, owner, subject }: Row): boolean {
  return [`person/${owner}`, `person/${subject ?? ""}`, `${kind}/${room}`].some((one) => held.has(one));
}
