import type { RoomRef } from "../../core/domain/room.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";

/** A claim that the database has granted. */
export interface Claim {
  readonly epoch: number;
  readonly incarnation: string;
}

/**
 * Claims the room again for the incarnation that had it, so that no statement sent under the old epoch can
 * still take effect. null: another incarnation has it now. Throws when the database cannot be asked.
 */
export async function reclaim(
  owners: RoomOwners,
  ref: RoomRef,
  process: string,
  claim: Claim,
): Promise<Claim | null> {
  const { incarnation } = claim;
  // An earlier try may have been granted without our hearing of it: then the row says so.
  const owner = await owners.find(ref);
  if (!owner || owner.incarnation !== incarnation) return null;
  const granted = await owners.claim(ref, { process, epoch: owner.epoch, keep: incarnation });
  return granted && { epoch: granted.epoch, incarnation };
}
