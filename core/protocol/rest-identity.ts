import { z } from "zod";
import { factors } from "../domain/factors.ts";
import { personId } from "./conversation.ts";
import { at } from "./rest-parts.ts";

/** A sign-in that goes on. */
export const signInSession = z.object({
  id: z.string(),
  startedAt: at,
  /** When its tokens were last renewed. */
  refreshedAt: at,
  /** Whether it is the one that asks. */
  current: z.boolean(),
  /** The program it began in, in a few words. */
  agent: z.string().nullable(),
  /** The network it began in: as much of the address as is kept. */
  network: z.string().nullable(),
  /** What was shown for it (RFC 8176): `pwd`, `otp`; none for a guest. */
  factors: z.array(z.enum(factors)),
});
export const signInSessions = z.object({ items: z.array(signInSession) });
/** How many there were. */
export const endedSessions = z.object({ ended: z.int() });

const sessionId = z.string().regex(/^[a-z0-9-]{1,64}$/);
export const sessionParams = z.object({ id: sessionId });
export const personParams = z.object({ id: personId });
export const personSessionParams = personParams.extend({ session: sessionId });
