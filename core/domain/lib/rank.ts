const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
const base = digits.length;
/** Digits of an arrival's rank; what follows them is a fraction. */
const wholeDigits = 8;
const wellFormed = /^[0-9a-z]{8}([0-9a-z]*[1-9a-z])?$/;
const lowest = "0".repeat(wholeDigits);

/**
 * The rank of the n-th arrival, n from 1 to 36^8 - 1: ranks are compared as strings (`<`), and a later arrival's is greater.
 * Throws RangeError for any other n.
 */
export function rankAt(n: number): string {
  if (!Number.isInteger(n) || n < 1 || n >= base ** wholeDigits)
    throw new RangeError(`no rank has number ${n}`);
  return n.toString(base).padStart(wholeDigits, "0");
}

/**
 * A rank strictly between two others; null leaves that end open. There is always one: it is a digit longer
 * after about five insertions into the same gap (after 35 at the open end). It is never an arrival's own rank, and with
 * `after` open it stays below that of the next arrival. The same gap gives the same rank, so where a rank
 * may have been left and taken again, compare with something unique behind it.
 * Throws RangeError unless both are ranks and `before` is less than `after`.
 */
export function rankBetween(before: string | null, after: string | null): string {
  const low = before ?? lowest;
  if (!wellFormed.test(low)) throw new RangeError(`"${low}" is no rank`);
  if (after === null) return justAbove(low);
  if (!wellFormed.test(after)) throw new RangeError(`"${after}" is no rank`);
  if (low >= after) throw new RangeError(`there is no rank between "${low}" and "${after}"`);
  const middle = halfway(low, after);
  return middle.length > wholeDigits ? middle : `${middle.padEnd(wholeDigits, "0")}${digits[base / 2]}`;
}

/** Raises the first digit of the fraction that can be raised: a small step, as the room above is open. */
function justAbove(low: string): string {
  let at = wholeDigits;
  while (digitAt(low, at) === base - 1) at += 1;
  return `${low.slice(0, at)}${digits[digitAt(low, at) + 1]}`;
}

/** The shortest string that halves the first digit with room in it, read as fractions in base 36. */
function halfway(low: string, high: string): string {
  let head = "";
  let bounded = true;
  for (let at = 0; ; at += 1) {
    const from = digitAt(low, at);
    const to = bounded ? digitAt(high, at) : base;
    if (to - from > 1) return `${head}${digits[(from + to) >> 1]}`;
    head += digits[from];
    if (to > from) bounded = false;
  }
}

function digitAt(rank: string, at: number): number {
  return at < rank.length ? digits.indexOf(rank.charAt(at)) : 0;
}
