import type { Principal } from "../../../core/domain/principal.ts";
import type { RoomRef } from "../../../core/domain/room.ts";
import type { Context } from "../../endpoint.ts";

/** The patient of a visit; null: it is none, or about nobody. */
export async function patientOf(
  ref: RoomRef,
  { principal, listings }: Pick<Context<Principal>, "principal" | "listings">,
): Promise<string | null> {
  return ref.kind === "consultation" ? ((await listings.find(principal.org, ref))?.subject ?? null) : null;
}
