import { z } from "zod";
import { backendNames } from "../../core/domain/call/state.ts";
import type { FinishPlan } from "../../core/domain/recording/manifest.ts";

const time = z.number();
const span = { segment: z.int(), backend: z.enum(backendNames), from: time, to: time };

const shownText = z.object({ version: z.int(), language: z.string() });

/** The errand `finish`, as the room sends it. */
export const finishPlan = z.object({
  recording: z.string(),
  segments: z.array(z.object(span)),
  facts: z.object({
    recording: z.string(),
    startedBy: z.string(),
    from: time,
    to: time,
    reason: z.string(),
    intervals: z.array(z.object(span)),
    gaps: z.array(z.object({ reason: z.string(), from: time, to: time })),
    participants: z.array(z.object({ person: z.string(), from: time, to: time.nullable() })),
    consents: z.array(
      z.object({
        person: z.string(),
        givenAt: time,
        withdrawnAt: time.nullable(),
        text: shownText.optional(),
      }),
    ),
  }),
}) satisfies z.ZodType<FinishPlan>;
