import type { TranscriptEvent } from "amazon-chime-sdk-js";

/** A line of what is said, by somebody as the meeting knows them. */
export interface ChimeLine {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly final: boolean;
}

/** What is said, as Amazon writes it down; news of how its writing goes is nothing. */
export function linesOf(event: TranscriptEvent): readonly ChimeLine[] {
  if (!("results" in event)) return [];
  return event.results.flatMap(({ resultId, isPartial, alternatives: [best] }) => {
    const name = best?.items.find(({ attendee }) => attendee)?.attendee.externalUserId;
    if (!best || name === undefined || best.transcript === "") return [];
    return [{ id: resultId, name, text: best.transcript, final: !isPartial }];
  });
}
