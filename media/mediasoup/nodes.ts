import type { LostSession } from "../backend.ts";
import type { Answers, Asks, NodeRequestName } from "./control-protocol.ts";
import type { MediaNode, NodeLoad } from "./media-node.ts";
import { createNodeHandlers } from "./node-requests.ts";

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
  find(id: string): NodePort | undefined;
  /** What is wrong, in words for operators; null: nothing. */
  health(): string | null;
  /** Is told of sessions that are gone, or are to go on elsewhere. */
  watch(lost: (session: LostSession) => void): void;
  close(): void;
}

/** The node of this process alone. `off`: why there is none. */
export function createLocalNodes(node: MediaNode | null, off: string | null): Nodes {
  const port = node && localPort(node);
  return {
    all: () => (port ? [port] : []),
    find: (id) => (port?.id === id ? port : undefined),
    health: () => off ?? node?.health() ?? null,
    watch: (lost) => {
      node?.watch((event) => {
        if (event.event === "gone") lost({ session: event.session, reason: event.reason });
        if (event.event === "drain") lost({ session: event.session, reason: "drain" });
      });
    },
    close: () => node?.close(),
  };
}

export function localPort(node: MediaNode): NodePort {
  const handlers = createNodeHandlers(node);
  return { id: node.id, load: () => node.load(), heard: () => true, ask: handlers.do };
}
