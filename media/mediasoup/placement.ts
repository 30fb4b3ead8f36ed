import type { NodePort } from "./nodes.ts";

/** The nodes that can take one session more, best first: those with the fewest consumers for what they can carry. */
export function placeNodes<N extends Pick<NodePort, "id" | "load" | "heard">>(nodes: readonly N[]): N[] {
  return nodes
    .filter((node) => node.heard() && takes(node.load()))
    .map((node) => ({ node, load: node.load() }))
    .sort(
      (a, b) =>
        fullness(a.load) - fullness(b.load) ||
        a.load.sessions - b.load.sessions ||
        (a.node.id < b.node.id ? -1 : 1),
    )
    .map(({ node }) => node);
}

/** Whether it takes sessions, if not at this moment: it may be full, or its workers on their way back. */
export function mayCarry(node: Pick<NodePort, "load" | "heard">): boolean {
  return node.heard() && !node.load().draining;
}

type Load = ReturnType<NodePort["load"]>;

function takes({ draining, consumers, capacity }: Load): boolean {
  return !draining && consumers < capacity;
}

function fullness({ consumers, capacity }: Load): number {
  return consumers / capacity;
}
