import type { Clock } from "../core/platform/clock.ts";
import type { Config } from "../core/platform/config.ts";
import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Database } from "../core/platform/database/database.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { Vault } from "../core/platform/objects/vault.ts";
import { createMediaNodes } from "../core/platform/repositories/media-nodes.ts";
import type { Metrics } from "../core/platform/telemetry/metrics.ts";
import { createControlTokens } from "../media/mediasoup/control-tokens.ts";
import { MediaNode, NoWorker } from "../media/mediasoup/media-node.ts";
import { createNodeRecorder } from "../media/mediasoup/node-recorder.ts";
import { type NodeService, serveNode } from "../media/mediasoup/node-service.ts";
import { createNodes, type Nodes } from "../media/mediasoup/nodes.ts";
import { placeNodes } from "../media/mediasoup/placement.ts";
import type { FindFfmpeg } from "../media/recording/ffmpeg.ts";

/** The media nodes as this process has them: its own, and the way to those of others. */
export interface MediaNodesHere {
  /** null: this process has none. */
  readonly node: MediaNode | null;
  readonly nodes: Nodes;
  /** What is off, and why, for whoever starts the process; null: nothing. */
  readonly note: string | null;
  /** Hands on what runs here, as far as others can take it. */
  drain(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface MediaNodeParts {
  readonly process: string;
  readonly version: string;
  readonly database: Database;
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where what is recorded on its own node is kept. */
  readonly vault: Vault;
  readonly findFfmpeg: FindFfmpeg;
}

/**
 * Starts the node where this process is to have one, and looks for others where there may be some. That workers cannot be
 * had stops nothing: calls run elsewhere, or on the next backend.
 */
export async function openMediaNodes(config: Config, parts: MediaNodeParts): Promise<MediaNodesHere> {
  const { process: self, database, ring, clock, log } = parts;
  const { order, mediasoup } = config.media;
  const used = order.includes("mediasoup");
  const { node, fault } =
    used && mediasoup.here ? await startNode(config, parts) : { node: null, fault: null };
  const { vault, findFfmpeg } = parts;
  const recorder = node && createNodeRecorder({ node, vault, findFfmpeg, log, now: clock.now });
  void recorder?.ready();
  const rows = createMediaNodes(database.db);
  const tokens = createControlTokens(ring, clock.now);
  const shared = used && database.kind === "postgres";
  const { controlPort: port, controlAddress: address, expected } = mediasoup;
  const { host } = config;
  const nodes = createNodes({
    local: node,
    recorder,
    // That nobody has put a worker here is no fault, unless calls were said to run on it.
    off: fault && (expected || !fault.absent) ? fault.message : null,
    remote: shared && config.roles.includes("rooms") ? { self, rows, tokens, expected } : null,
    log,
  });
  let service: NodeService | null = null;
  try {
    if (node && shared) {
      service = await serveNode({
        node,
        recorder,
        rows,
        tokens,
        log,
        version: parts.version,
        host,
        port,
        address,
      });
    }
  } catch (error) {
    nodes.close();
    node?.close();
    throw error;
  }
  return {
    node,
    nodes,
    note: fault && `Calls over mediasoup are off: ${fault.message}.`,
    drain: async (withinMs) => {
      if (!node || !shared) return;
      // Rooms that end with it have nowhere else to go on.
      if (config.roles.includes("rooms") && placeNodes(nodes.all()).every(({ id }) => id === node.id)) return;
      const draining = node.drain(withinMs);
      await service?.announce().catch(() => {});
      await draining;
    },
    close: async () => {
      await service?.close();
      await recorder?.close();
      nodes.close();
      node?.close();
    },
  };
}

async function startNode(
  { media: { mediasoup } }: Config,
  { process: id, log, metrics }: MediaNodeParts,
): Promise<{ readonly node: MediaNode | null; readonly fault: NoWorker | null }> {
  try {
    const died = () => metrics.mediaWorkerDeaths.add();
    const node = await MediaNode.start({ id, settings: mediasoup, log, died });
    metrics.watch({ mediaNode: () => node.load() });
    return { node, fault: null };
  } catch (error) {
    if (!(error instanceof NoWorker)) throw error;
    log.info({ err: error.cause }, `calls over mediasoup are off: ${error.message}`);
    return { node: null, fault: error };
  }
}
