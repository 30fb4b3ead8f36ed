import { z } from "zod";
import { type ErrorCode, errorMessages, isErrorCode } from "../../core/domain/errors.ts";
import { sessionName } from "./control-protocol.ts";

const id = z.int().min(1);

/** From a room process: one request. */
export const askFrame = z.strictObject({ id, ask: z.string().max(64), data: z.unknown() });

const load = z.object({
  workers: z.int(),
  sessions: z.int(),
  producers: z.int(),
  consumers: z.int(),
  capacity: z.int(),
  draining: z.boolean(),
});

const reason = z.string().regex(/^[a-z_]{1,40}$/);

const event = z.discriminatedUnion("event", [
  z.object({ event: z.literal("opened"), session: sessionName }),
  z.object({ event: z.literal("ended"), session: sessionName }),
  z.object({ event: z.literal("gone"), session: sessionName, reason }),
  z.object({ event: z.literal("drain"), session: sessionName }),
]);

const code = z.custom<ErrorCode>(isErrorCode);
const refusal = z.object({
  code,
  message: z.string().max(1_000).default(errorMessages.internal),
  retryAfterMs: z.number().exactOptional(),
});

/** From a node: who it is and what it has, first of all; then answers, and what it says by itself. */
export const nodeFrame = z.union([
  z.object({ hello: z.string(), load, sessions: z.array(sessionName) }),
  z.object({ id, answer: z.unknown() }),
  z.object({ id, refused: refusal }),
  /** It could not; what it was is in its own log. */
  z.object({ id, failed: z.literal(true) }),
  z.object({ load }),
  z.object({ tell: event }),
]);
export type NodeFrame = z.infer<typeof nodeFrame>;

/** undefined: it is not of that form. */
export function readFrame<T>(form: z.ZodType<T>, text: string): T | undefined {
  try {
    return form.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Of one message. */
export const frameLimit = 1024 * 1024;
export const controlPath = "/control";
/** A node says so often what it carries (ms): who has not heard of it for longer has lost it. */
export const sayEveryMs = 1_000;
