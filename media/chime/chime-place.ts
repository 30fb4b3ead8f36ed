import { createHash, createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";
import type { MediaSession } from "../backend.ts";

/** Where a session is kept: all that has to be known of it later, by whichever process. */
const placeForm = z.object({ meeting: z.string().min(1), region: z.string().min(1), key: z.string().min(1) });
export type ChimePlace = z.infer<typeof placeForm>;

/** A new one. Its key is the session's own, and turns people into what Amazon knows them by. */
export function newPlace(meeting: string, region: string): string {
  const key = randomBytes(32).toString("base64url");
  return JSON.stringify({ meeting, region, key } satisfies ChimePlace);
}

/** null: it was never said. */
export function readPlace({ place }: MediaSession): ChimePlace | null {
  if (place === null) return null;
  try {
    return placeForm.parse(JSON.parse(place));
  } catch (cause) {
    throw new DomainError("call_gone", undefined, { cause });
  }
}

/** Somebody as the meeting knows them. Browsers make the same of those inside: client/sdk/call/chime-names.ts. */
export function tagOf({ key }: ChimePlace, person: string): string {
  return createHmac("sha256", key).update(person).digest("base64url");
}

/** The same for the same session in the same region, and names nothing of it. */
export function sessionDigest({ org, ref, n }: MediaSession, region: string, use: "token" | "name"): string {
  const what = JSON.stringify([use, org, ref.kind, ref.id, n, region]);
  return createHash("sha256").update(what).digest("base64url");
}
