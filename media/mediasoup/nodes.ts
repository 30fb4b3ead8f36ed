import type { Logger } from "../../core/platform/logger.ts";
import type { MediaNodes } from "../../core/platform/repositories/media-nodes.ts";
import type { LostSession } from "../backend.ts";
import type { Answers, Asks, NodeRequestName } from "./control-protocol.ts";
import type { ControlTokens } from "./control-tokens.ts";
import type { MediaNode, NodeLoad } from "./media-node.ts";
import type { NodeRecorder } from "./node-recorder.ts";
import { createNodeHandlers } from "./node-requests.ts";
import { RemoteNode } from "./remote-node.ts";

/** A media node as rooms use it, wherever it is. */
export interface NodePort {
  readonly id: string;
  load(): NodeLoad;
  /** Whether it answers at this moment. */
  heard(): boolean;
  /** Throws DomainErrors as the node has them, and others when it does not answer. */
  ask<N extends NodeRequestName>(name: N, asked: Asks<N>): Promise<Answers<N>>;
}

/** The media nodes that this process knows. */
export interface Nodes {
  all(): readonly NodePort[];
  /** undefined: there is none, or it is lost. */
  find(id: string): Promise<NodePort | undefined>;
  /** What is wrong, in words for operators; null: nothing. */
  health(): string | null;
  /** Is told of sessions that are gone, or are to go on elsewhere. */
  watch(lost: (session: LostSession) => void): void;
  close(): void;
}

export interface NodesParts {
  /** Of this process; null: it has none. */
  readonly local: MediaNode | null;
  /** Records what runs there. */
  readonly recorder?: NodeRecorder | null;
  /** Why there is none where there should be one; null: that is as it should be. */
  readonly off: string | null;
  /** The way to those of other processes; null: there are none. */
  readonly remote: RemoteParts | null;
  readonly log: Logger;
}

export interface RemoteParts {
  /** This process. */
  readonly self: string;
  readonly rows: Pick<MediaNodes, "list">;
  readonly tokens: ControlTokens;
  /** Whether calls are to run there, so that it is a fault when there is none. */
  readonly expected: boolean;
}

const lookEveryMs = 1_000;
/** Whose row is older is not worth a connection; who was connected is let go of later. */
const freshMs = 10_000;

/** The nodes of all processes of this installation; those of others are found by the database. */
export function createNodes({ local, recorder = null, off, remote, log }: NodesParts): Nodes {
  const listeners = new Set<(session: LostSession) => void>();
  const tell = (session: LostSession): void => {
    for (const listener of listeners) listener(session);
  };
  const own = local && localPort(local, recorder);
  const others = new Map<string, RemoteNode>();
  const stopLocal = local?.watch((event) => {
    if (event.event === "gone") tell({ session: event.session, reason: event.reason });
    if (event.event === "drain") tell({ session: event.session, reason: "drain" });
  });

  const look = async ({ self, rows, tokens }: RemoteParts): Promise<void> => {
    const found = await rows.list();
    for (const { id, address, silentMs } of found) {
      if (id === local?.id || silentMs > freshMs || others.has(id)) continue;
      others.set(id, new RemoteNode({ id, address, self, tokens, log, lost: tell }));
    }
    for (const [id, node] of others) {
      const row = found.find((one) => one.id === id);
      if (!node.lost || (row && row.silentMs <= freshMs)) continue;
      node.stop();
      others.delete(id);
    }
  };
  const tryLook = async (): Promise<void> => {
    if (remote)
      await look(remote).catch((err: unknown) => log.warn({ err }, "media nodes could not be looked for"));
  };
  const timer = remote && setInterval(() => void tryLook(), lookEveryMs);
  void tryLook();

  const all = (): NodePort[] => [...(own ? [own] : []), ...others.values()];

  return {
    all,
    find: async (id) => {
      if (own?.id === id) return own;
      // It may be new, or this process may be.
      if (!others.has(id)) await tryLook();
      const node = others.get(id);
      return node?.lost ? undefined : node;
    },
    health: () => {
      if ([...others.values()].some((node) => node.heard())) return null;
      if (local) return local.health();
      return off ?? (remote?.expected ? "no media process answers" : null);
    },
    watch: (lost) => void listeners.add(lost),
    close: () => {
      if (timer) clearInterval(timer);
      stopLocal?.();
      for (const node of others.values()) node.stop();
      others.clear();
    },
  };
}

function localPort(node: MediaNode, recorder: NodeRecorder | null): NodePort {
  const handlers = createNodeHandlers(node, recorder);
  return { id: node.id, load: () => node.load(), heard: () => true, ask: handlers.do };
}
