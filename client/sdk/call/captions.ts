import type { Caption } from "./call-link.ts";

/** How many lines of what was said are kept to be shown. */
const lines = 3;

/** The last lines of what was said, after one more was heard. A line that grows stays where it is. */
export function heard(before: readonly Caption[], caption: Caption): readonly Caption[] {
  const grows = before.some(({ id }) => id === caption.id);
  if (grows) return before.map((one) => (one.id === caption.id ? caption : one));
  return [...before, caption].slice(-lines);
}
