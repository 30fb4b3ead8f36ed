import type { Config } from "../core/platform/config.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { Metrics } from "../core/platform/telemetry/metrics.ts";
import { MediaNode, NoWorker } from "../media/mediasoup/media-node.ts";

/** The media node of this process. `off`: why there is none where there was to be one, in words for operators. */
export interface OwnNode {
  readonly node: MediaNode | null;
  readonly off: string | null;
}

/** Starts the node where this process is to have one. That its workers cannot be had stops nothing: calls run on the next backend. */
export async function startOwnNode(
  { media: { mediasoup, order } }: Pick<Config, "media">,
  { id, log, metrics }: { readonly id: string; readonly log: Logger; readonly metrics: Metrics },
): Promise<OwnNode> {
  if (!mediasoup.here || !order.includes("mediasoup")) return { node: null, off: null };
  try {
    const node = await MediaNode.start({
      id,
      settings: mediasoup,
      log,
      died: () => metrics.mediaWorkerDeaths.add(),
    });
    metrics.watch({ mediaNode: () => node.load() });
    return { node, off: null };
  } catch (error) {
    if (!(error instanceof NoWorker)) throw error;
    log.warn({ err: error.cause }, `mediasoup is off: ${error.message}`);
    return { node: null, off: error.message };
  }
}
