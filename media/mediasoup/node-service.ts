import type { Logger } from "../../core/platform/logger.ts";
import type { MediaNodes } from "../../core/platform/repositories/media-nodes.ts";
import { type ControlServer, serveControl } from "./control-server.ts";
import type { ControlTokens } from "./control-tokens.ts";
import type { MediaNode } from "./media-node.ts";
import type { NodeRecorder } from "./node-recorder.ts";
import { createNodeHandlers } from "./node-requests.ts";

export interface NodeServiceParts {
  readonly node: MediaNode;
  readonly recorder: NodeRecorder | null;
  readonly rows: MediaNodes;
  readonly tokens: ControlTokens;
  readonly log: Logger;
  readonly version: string;
  /** Where the control channel listens; 0: any free port. */
  readonly host: string;
  readonly port: number;
  /** As what other processes reach it: host, and port where that is another. */
  readonly address: string;
}

export interface NodeService {
  readonly port: number;
  /** Lets others know at once how it stands. */
  announce(): Promise<void>;
  close(): Promise<void>;
}

const announceEveryMs = 1_000;

/** Makes a node known to the other processes, and lets them control it. */
export async function serveNode(parts: NodeServiceParts): Promise<NodeService> {
  const { node, recorder, rows, tokens, log, version } = parts;
  const handlers = createNodeHandlers(node, recorder);
  const control: ControlServer = await serveControl({ node, handlers, tokens, log }, parts.port, parts.host);
  const address = parts.address.includes(":") ? parts.address : `${parts.address}:${control.port}`;
  const announce = (): Promise<void> => {
    const { workers, sessions, consumers, draining } = node.load();
    return rows.renew({ id: node.id, address, version, workers, sessions, consumers, draining });
  };
  await announce();
  const timer = setInterval(() => {
    announce().catch((err: unknown) =>
      log.warn({ err }, "the media node could not be announced; trying again"),
    );
  }, announceEveryMs);
  return {
    port: control.port,
    announce,
    close: async () => {
      clearInterval(timer);
      await rows.remove(node.id).catch(() => {});
      await control.close();
    },
  };
}
