import type { Principal } from "../../../core/domain/principal.ts";
import { type RoomRef, roomKey } from "../../../core/domain/room.ts";
import type { Context } from "../../endpoint.ts";

/** The patient of a visit, or whom a chat is about; null: nobody. */
export async function patientOf(
  ref: RoomRef,
  { principal, listings }: Pick<Context<Principal>, "principal" | "listings">,
): Promise<string | null> {
  return (await listings.patients(principal.org, [ref])).get(roomKey(ref)) ?? null;
}
