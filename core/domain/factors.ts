/** What somebody showed to sign in, in the words of RFC 8176: a password, a one-time code. */
export const factors = ["pwd", "otp"] as const;
export type Factor = (typeof factors)[number];

export function isFactor(value: unknown): value is Factor {
  return factors.some((factor) => factor === value);
}
