/** Options that are numbers. What is none throws with a message for the user. */

export function positive(value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`"${value}" is not a number above 0.`);
}

export function whole(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`"${value}" is not a whole number above 0.`);
}
