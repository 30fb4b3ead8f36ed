import type { VisitItem } from "../../../../../core/protocol/rest.ts";
import type { JoinReason } from "../../../../sdk/types.ts";
import { tidy } from "../view/tidy.ts";

/** What a patient fills in before they take a place. */
export interface JoinForm {
  readonly reason: string;
  /** BCP 47. */
  readonly language: string;
  readonly needs: readonly string[];
  readonly otherNeed: string;
  /** The id of the visit they have an appointment for; empty: none. */
  readonly visit: string;
}

const longestReason = 2_000;
const longestNeed = 200;

/** The request that the form stands for. Texts that are too long are cut, as the fields do not take more. */
export function joinReasonOf({ reason, language, needs, otherNeed, visit }: JoinForm): JoinReason {
  const other = tidy(otherNeed).replaceAll(/\s+/g, " ").trim().slice(0, longestNeed).toWellFormed();
  const all = other === "" ? needs : [...needs, other];
  return {
    reason: tidy(reason).trim().slice(0, longestReason).toWellFormed(),
    language,
    ...(all.length === 0 ? {} : { needs: all }),
    ...(visit === "" ? {} : { visit }),
  };
}

/** Half a day each way: an appointment that one may come to now. Milliseconds. */
const near = 12 * 3_600_000;

/** The appointments that a patient may be here for, soonest first. */
export function appointmentsOf(visits: readonly VisitItem[], now: number): readonly VisitItem[] {
  return visits
    .filter(({ phase, at }) => phase === "scheduled" && Math.abs(at - now) < near)
    .toSorted((a, b) => a.at - b.at);
}

/** The one that a patient who comes now most likely comes for; empty: none is so near. */
export function likelyOf(appointments: readonly VisitItem[], now: number): string {
  return appointments.find(({ at }) => Math.abs(at - now) <= 3_600_000)?.id ?? "";
}

/** Languages that can be chosen at once; the reader's own comes first. */
const spoken = ["ja", "en", "zh", "ko", "vi", "tl", "ne", "pt", "es", "id", "th", "my", "fr", "ar"] as const;

export interface SpokenLanguage {
  readonly code: string;
  /** In the language itself. */
  readonly name: string;
}

export function spokenLanguages(own: string): readonly SpokenLanguage[] {
  const [code = own] = own.split("-");
  return [...new Set([code, ...spoken])].map((one) => ({ code: one, name: nameOf(one) }));
}

function nameOf(code: string): string {
  return new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
}
