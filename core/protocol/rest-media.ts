import { z } from "zod";
import { backendNames } from "../domain/call/state.ts";

const backend = z.enum(backendNames);
const distinct = (names: readonly string[]) => new Set(names).size === names.length;

/** null: the installation's own order. Backends that are not named carry none of the organisation's calls. */
export const setMediaOrder = z.strictObject({
  order: z.array(backend).min(1).max(backendNames.length).refine(distinct, "each backend once").nullable(),
});

export const mediaOrder = z.object({
  /** In the order in which calls try them. */
  order: z.array(backend),
  /** Whether the organisation has chosen it. */
  own: z.boolean(),
  /** What this installation has, in its own order. */
  backends: z.array(backend),
});
export type MediaOrder = z.infer<typeof mediaOrder>;
