import { z } from "zod";

/** Times are milliseconds since the epoch, as everywhere on the wire. */
export const at = z.int();
/** Whole numbers in addresses are written in digits and nothing else. */
export const digits = z
  .string()
  .regex(/^\d{1,16}$/, "a whole number")
  .transform(Number);
/** Text that a database can look up: no control characters, and no half of a pair (which two different texts would both become). */
export const lookup = z
  .string()
  .regex(/^\P{Cc}*$/u, "no control characters")
  .refine((text) => text.isWellFormed(), "no half of a pair");
export const limit = digits.pipe(z.int().min(1).max(200)).default(50);

export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    /** Pass it back to get the next page; null: that was the last. */
    next: z.string().nullable(),
  });
