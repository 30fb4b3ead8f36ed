import { type RoomRef, roomKey } from "../../../core/domain/room.ts";
import type { Services } from "../../endpoint.ts";

/** The patient of a visit, or whom a chat is about; null: nobody. */
export async function patientOf(
  ref: RoomRef,
  { principal, listings }: Pick<Services, "listings"> & { readonly principal: { readonly org: string } },
): Promise<string | null> {
  return (await listings.patients(principal.org, [ref])).get(roomKey(ref)) ?? null;
}
