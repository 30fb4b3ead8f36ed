import type { Caption } from "../../../../sdk/types.ts";
import type { MarkStorage } from "../state/marks.ts";

/** What somebody has said, under their name. */
export interface Said {
  readonly key: string;
  readonly person: string;
  readonly lines: readonly string[];
}

/** Lines of the same person that follow each other stand under one name. */
export function stripOf(captions: readonly Caption[]): readonly Said[] {
  const said: Said[] = [];
  for (const { id, person, text } of captions) {
    const line = text.trim();
    if (line === "") continue;
    const last = said.at(-1);
    if (last?.person === person) said[said.length - 1] = { ...last, lines: [...last.lines, line] };
    else said.push({ key: id, person, lines: [line] });
  }
  return said;
}

/** The last line that will not change any more: it is read out; one that grows would be read again and again. */
export function lastSaid(captions: readonly Caption[]): Caption | null {
  return captions.findLast(({ final, text }) => final && text.trim() !== "") ?? null;
}

const key = "hugmedo.captions";

/** Whether captions are shown on this device: they are, until somebody puts them out. */
export function captionsShown(storage: MarkStorage): boolean {
  try {
    return storage?.getItem(key) !== "off";
  } catch {
    return true;
  }
}

export function showCaptions(storage: MarkStorage, on: boolean): void {
  try {
    if (on) storage?.removeItem(key);
    else storage?.setItem(key, "off");
  } catch {
    // Without storage they are put out again next time.
  }
}
