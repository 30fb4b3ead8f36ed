import { sql } from "kysely";
import { z } from "zod";
import { type Role, roles } from "../../domain/principal.ts";
import type { Tenants } from "../database/tenants.ts";

/** Of whom an organisation wants a second factor. */
export interface SecondFactorRoles {
  of(org: string): Promise<readonly Role[]>;
  /** Resolves once it is durable. */
  set(org: string, roles: readonly Role[]): Promise<void>;
}

/** What it is called among an organisation's settings: a list of roles. */
export const secondFactorSetting = "second-factor.roles";
const name = secondFactorSetting;
const shape = z.array(z.enum(roles));

export function createSecondFactorRoles(tenants: Tenants): SecondFactorRoles {
  return {
    of: async (org) => {
      const row = await tenants(org)
        .selectFrom("org_setting")
        .select("value")
        .where("org", "=", org)
        .where("name", "=", name)
        .executeTakeFirst();
      return row ? shape.parse(row.value) : [];
    },
    set: async (org, wanted) => {
      const value = JSON.stringify(wanted);
      await tenants(org)
        .insertInto("org_setting")
        .values({ org, name, value })
        .onConflict((row) =>
          row.columns(["org", "name"]).doUpdateSet({ value, changed_at: sql`clock_timestamp()` }),
        )
        .execute();
    },
  };
}
