import type { CallLink } from "./call-link.ts";
import type { Measured } from "./my-part.ts";
import { best, qualityOf, worst } from "./quality.ts";
import type { LinkQuality } from "./types.ts";

/** How a link does: with each of the others, and for what I send and receive; null: nobody is there. */
export interface LinkLook {
  readonly people: ReadonlyMap<string, LinkQuality>;
  readonly mine: Measured | null;
}

/** Resolves with null where it cannot be told. */
export async function lookAt(link: CallLink): Promise<LinkLook | null> {
  const samples = await link.measure().catch(() => null);
  if (!samples) return null;
  const people = new Map([...samples].map(([person, sample]) => [person, qualityOf(sample)] as const));
  const all = [...people.values()];
  // Where my picture goes out once for all, somebody else's poor link is no reason to leave it out.
  const uplink = link.uplink?.() ?? null;
  const sent = uplink ? qualityOf(uplink) : worst(all);
  const holdsBack = link.wantPictures !== undefined;
  return { people, mine: sent && { sent, received: uplink && best(all), holdsBack } };
}
