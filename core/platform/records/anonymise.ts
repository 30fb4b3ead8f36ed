import { sql } from "kysely";
import { erasedText } from "../../domain/erased.ts";
import type { Db } from "../database/database.ts";
import type { Erased } from "./eraser.ts";

/** The row stays, so that ids in the audit and in other people's rooms lead somewhere; how they signed in, and from where, does not. */
export async function anonymise(db: Db, { org, person }: Erased): Promise<void> {
  await db
    .updateTable("person")
    .set({ name: erasedText, username: null, password: null, roles: sql`array['guest']::text[]` })
    .where("org", "=", org)
    .where("id", "=", person)
    .execute();
  await db.deleteFrom("second_factor").where("person", "=", person).execute();
  await db.deleteFrom("sign_in_challenge").where("person", "=", person).execute();
  await db.updateTable("session").set({ agent: null, network: null }).where("person", "=", person).execute();
}
