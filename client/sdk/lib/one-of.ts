/** `value` if it is one of the known; else `otherwise`, as from a newer server. */
export function oneOf<T extends string>(known: readonly T[], value: string | undefined, otherwise: T): T {
  return known.find((one) => one === value) ?? otherwise;
}
