import { roomKinds } from "../../core/domain/room.ts";
import type { DataKeys } from "../../core/platform/crypto/data-keys.ts";
import type { Db } from "../../core/platform/database/database.ts";
import { decodeEvent } from "../../core/platform/journal/codec.ts";
import type { Step } from "../checker/check-transfers.ts";

/** Everything that the journal has of queues and visits, in the feed's order. */
export async function readSteps(db: Db, keys: Pick<DataKeys, "get">): Promise<Step[]> {
  const rows = await db
    .selectFrom("journal as j")
    .innerJoin("room_owner as o", (join) => join.onRef("o.kind", "=", "j.kind").onRef("o.id", "=", "j.id"))
    .select(["j.kind", "j.id", "j.seq", "j.type", "j.version", "j.actor", "j.amends", "j.at", "j.payload"])
    .select(["o.org", "o.key_id as keyId"])
    .where("j.kind", "in", ["waiting", "consultation"])
    .orderBy("j.tx")
    .orderBy("j.position")
    .execute();
  const steps: Step[] = [];
  for (const { kind, id, org, keyId, ...entry } of rows) {
    const known = roomKinds.find((one) => one === kind);
    if (!known) throw new Error(`there is no room kind "${kind}"`);
    const room = { kind: known, id };
    steps.push({ room, recorded: decodeEvent(await keys.get(org, keyId), room, entry) });
  }
  return steps;
}
