/** A list of rows of one height, as far as it is scrolled (px). */
export interface Scrolled {
  readonly top: number;
  readonly height: number;
  readonly row: number;
  readonly count: number;
}

/** So many rows beyond either edge are there before they are seen. */
const beyond = 8;

/** The rows that have to be there: from `from` up to and without `to`. */
export function rowsWindow({ top, height, row, count }: Scrolled): {
  readonly from: number;
  readonly to: number;
} {
  const from = Math.max(0, Math.min(Math.floor(top / row), count) - beyond);
  const to = Math.min(count, Math.ceil((top + height) / row) + beyond);
  return { from, to: Math.max(from, to) };
}

/** Where the list has to be scrolled so that the row is in view; unchanged where it is. */
export function scrollTo({ top, height, row }: Scrolled, index: number): number {
  const start = index * row;
  if (start < top) return start;
  return start + row > top + height ? start + row - height : top;
}

/** How fast (px a frame) the list runs while something is held at this distance from its edges. */
export function edgeSpeed(y: number, height: number): number {
  const zone = Math.min(72, height / 4);
  if (y < zone) return -Math.ceil(((zone - Math.max(y, -zone)) / zone) * 9);
  if (y > height - zone) return Math.ceil(((Math.min(y, height + zone) - height + zone) / zone) * 9);
  return 0;
}
