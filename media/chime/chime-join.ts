import type { Attendee, Meeting } from "@aws-sdk/client-chime-sdk-meetings";
import { type ChimeJoin, chimeJoin } from "../../core/protocol/call.ts";
import type { ChimePlace } from "./chime-place.ts";

/**
 * What a browser needs of a meeting. Left out is `EventIngestionUrl`, so that the library sends Amazon no reports of
 * its own about the person's device. Throws where Amazon's answer is not of its documented form.
 */
export function joinOf(
  { key }: ChimePlace,
  meeting: Meeting | undefined,
  attendee: Attendee | undefined,
): ChimeJoin {
  const parsed = chimeJoin.safeParse({ backend: "chime", meeting, attendee, key });
  // Zod's own error would tell what was there.
  if (!parsed.success) throw new Error("Amazon Chime's answer lacks what a browser needs.");
  return parsed.data;
}
