import { sql } from "kysely";
import { z } from "zod";
import { type BackendName, backendNames } from "../../domain/call/state.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Tenants } from "../database/tenants.ts";

/** What organisations have settled for themselves. */
export interface OrgSettings {
  /** The order of backends that its calls try; null: none of its own. What another process has changed is seen within seconds. */
  mediaOrder(org: string): Promise<readonly BackendName[] | null>;
  /**
   * null: none of its own any more. Resolves once it is durable. Throws `precondition_failed` unless it takes the place of one
   * that `replaces` allows.
   */
  setMediaOrder(org: string, order: MediaOrder, replaces?: (present: MediaOrder) => boolean): Promise<void>;
}

type MediaOrder = readonly BackendName[] | null;

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

  /** `present`: what it takes the place of; undefined: whatever there is. False: there is something else. */
  const write = async (
    org: string,
    chosen: MediaOrder,
    present: MediaOrder | undefined,
  ): Promise<boolean> => {
    const db = tenants(org);
    const at = { org, name: mediaOrder };
    const asRead = sql<boolean>`org_setting.value = ${JSON.stringify(present)}::jsonb`;
    if (chosen === null) {
      const removing = db.deleteFrom("org_setting").where((row) => row.and(at));
      const result = await (present ? removing.where(asRead) : removing).executeTakeFirst();
      return !present || result.numDeletedRows > 0;
    }
    const value = JSON.stringify(chosen);
    const adding = db.insertInto("org_setting").values({ ...at, value });
    const result = await adding
      .onConflict((row) => {
        const conflict = row.columns(["org", "name"]);
        if (present === null) return conflict.doNothing();
        const replacing = conflict.doUpdateSet({ value, changed_at: sql`clock_timestamp()` });
        return present === undefined ? replacing : replacing.where(asRead);
      })
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0;
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
    setMediaOrder: async (org, chosen, replaces) => {
      const present = replaces && (await read(org));
      if (replaces && present !== undefined && !replaces(present))
        throw new DomainError("precondition_failed");
      const changed = await write(org, chosen, present);
      known.delete(org);
      if (!changed) throw new DomainError("precondition_failed");
    },
  };
}
