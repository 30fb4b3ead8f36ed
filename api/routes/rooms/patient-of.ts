import type { RoomRef } from "../../../core/domain/room.ts";
import type { ApiDeps } from "../../ports.ts";

/** The patient of a visit; null: it is none, or about nobody. */
export async function patientOf(
  ref: RoomRef,
  { listings }: Pick<ApiDeps, "listings">,
): Promise<string | null> {
  return ref.kind === "consultation" ? ((await listings.find(ref))?.subject ?? null) : null;
}
