import type { RoomRef } from "../../../core/domain/room.ts";
import type { Services } from "../../endpoint.ts";

/** The patient of a visit; null: it is none, or about nobody. */
export async function patientOf(
  ref: RoomRef,
  { principal, listings }: Pick<Services, "listings"> & { readonly principal: { readonly org: string } },
): Promise<string | null> {
  return ref.kind === "consultation" ? ((await listings.find(principal.org, ref))?.subject ?? null) : null;
}
