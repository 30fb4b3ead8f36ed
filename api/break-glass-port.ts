import type { RoomRef } from "../core/domain/room.ts";
import type { BreakGlass, NewBrokenGlass } from "../core/platform/repositories/break-glass.ts";

/** Reading in an emergency what one has no part in. Whether somebody may is checked here, before. */
export interface BreakGlassPort extends Pick<BreakGlass, "list"> {
  newId(): string;
  /** Resolves once it is durable. Throws `room_not_found`. */
  open(
    glass: Omit<NewBrokenGlass, "openedAt" | "expiresAt"> & { readonly minutes: number },
  ): Promise<{ readonly openedAt: number; readonly expiresAt: number }>;
  /** What lets this person read the room now; null: nothing. */
  holding(org: string, person: string, ref: RoomRef): Promise<string | null>;
}
