import type { EventBus } from "../core/platform/journal/bus.ts";
import type { Projection, Projector } from "../core/platform/journal/feed.ts";
import { watchProgress } from "../core/platform/journal/progress.ts";
import { startProjector } from "../core/platform/journal/projector.ts";
import type { Context } from "./context.ts";

/** What follows the journal in this process. Every process names all projections: whichever has one carries it on. */
export function startProjections(
  context: Context,
  bus: EventBus,
  projections: readonly Projection[],
): { readonly projector: Projector; close(): Promise<void> } {
  const projector = startProjector({ ...context, bus, projections });
  const progress = watchProgress(context.database.db, projector);
  context.metrics.watch({
    projectionLag: progress.lag,
    horizonAge: progress.horizonAge,
    projectionFailures: projector.failing,
  });
  return {
    projector,
    close: async () => {
      progress.stop();
      await projector.stop();
    },
  };
}
