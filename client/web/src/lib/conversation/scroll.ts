/** How far from the end (px) still counts as reading the newest. */
const nearEnd = 64;

export function isAtEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < nearEnd;
}

/** A row and where it ended in the box, to find it there again after the rows have changed. */
export interface Anchor {
  readonly row: Element;
  readonly end: number;
}

/** The first message that can be seen. (Separators come and go, so they hold nothing.) */
export function anchorOf(box: HTMLElement): Anchor | null {
  const top = box.getBoundingClientRect().top;
  for (const row of box.querySelectorAll("[data-seq]")) {
    const end = row.getBoundingClientRect().bottom - top;
    if (end > 0) return { row, end };
  }
  return null;
}

/**
 * Scrolls so that the row of the anchor ends where it ended, whatever was put in above it. (Its end, because
 * a message that becomes part of a run loses the name above it.)
 */
export function holdAnchor(box: HTMLElement, { row, end }: Anchor): void {
  if (!row.isConnected) return;
  box.scrollTop += row.getBoundingClientRect().bottom - box.getBoundingClientRect().top - end;
}

/** The seq of the last message of another person whose end can be seen; 0: none. */
export function lastSeenSeq(box: HTMLElement): number {
  const end = box.getBoundingClientRect().bottom + 1;
  const rows = [...box.querySelectorAll<HTMLElement>("[data-theirs]")];
  const seen = rows.findLast((row) => row.getBoundingClientRect().bottom <= end);
  return Number(seen?.dataset.theirs ?? 0);
}

export function toEnd(box: HTMLElement): void {
  box.scrollTop = box.scrollHeight;
}
