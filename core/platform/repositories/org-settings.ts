import { sql } from "kysely";
import { z } from "zod";
import { type BackendName, backendNames } from "../../domain/call/state.ts";
import type { Tenants } from "../database/tenants.ts";

/** What organisations have settled for themselves. */
export interface OrgSettings {
  /** The order of backends that its calls try; null: none of its own. What another process has changed is seen within seconds. */
  mediaOrder(org: string): Promise<readonly BackendName[] | null>;
  /** null: none of its own any more. Resolves once it is durable. */
  setMediaOrder(org: string, order: readonly BackendName[] | null): Promise<void>;
}

const mediaOrder = "media.order";
const order = z.array(z.enum(backendNames));
/** For so long (ms) what was read is taken to be so still. */
const rememberMs = 3_000;

export function createOrgSettings(
  tenants: Tenants,
  now: () => number = () => performance.now(),
): OrgSettings {
  const known = new Map<
    string,
    { readonly at: number; readonly order: Promise<readonly BackendName[] | null> }
  >();

  const read = async (org: string): Promise<readonly BackendName[] | null> => {
    const row = await tenants(org)
      .selectFrom("org_setting")
      .select("value")
      .where("org", "=", org)
      .where("name", "=", mediaOrder)
      .executeTakeFirst();
    return row ? order.parse(row.value) : null;
  };

  return {
    mediaOrder: (org) => {
      const last = known.get(org);
      if (last && now() - last.at < rememberMs) return last.order;
      const reading = { at: now(), order: read(org) };
      known.set(org, reading);
      // What could not be read is read again.
      reading.order.catch(() => known.get(org) === reading && known.delete(org));
      return reading.order;
    },
    setMediaOrder: async (org, chosen) => {
      const db = tenants(org);
      if (chosen === null) {
        await db.deleteFrom("org_setting").where("org", "=", org).where("name", "=", mediaOrder).execute();
      } else {
        const value = JSON.stringify(chosen);
        await db
          .insertInto("org_setting")
          .values({ org, name: mediaOrder, value })
          .onConflict((row) =>
            row.columns(["org", "name"]).doUpdateSet({ value, changed_at: sql`clock_timestamp()` }),
          )
          .execute();
      }
      known.delete(org);
    },
  };
}
