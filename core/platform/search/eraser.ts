import type { Database } from "../database/database.ts";
import { lockGenerations } from "./generations.ts";

/** Takes a person's texts out of the index: of what is kept under that person's key. */
export function createSearchEraser({ db }: Pick<Database, "db">) {
  return {
    name: "search",
    /**
     * After the keys were destroyed: a build that had read a text before waits here or is waited for, and finds that its key
     * is gone.
     */
    erase: async ({ org, person }: { readonly org: string; readonly person: string }): Promise<void> => {
      await db.transaction().execute(async (tx) => {
        await lockGenerations(tx);
        await tx.deleteFrom("search_doc").where("org", "=", org).where("subject", "=", person).execute();
      });
    },
  };
}
