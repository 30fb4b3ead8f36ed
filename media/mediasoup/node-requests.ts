import { DomainError } from "../../core/domain/errors.ts";
import {
  type Answers,
  type Asks,
  type Form,
  isNodeRequest,
  type NodeRequestName,
  nodeRequests,
} from "./control-protocol.ts";
import type { MediaNode } from "./media-node.ts";
import type { NodeRecorder } from "./node-recorder.ts";

type Handlers = { readonly [N in NodeRequestName]: (asked: Asks<N>) => Promise<Answers<N>> };

/** What a node does at each request. */
export interface NodeHandlers {
  do<N extends NodeRequestName>(name: N, asked: Asks<N>): Promise<Answers<N>>;
  /** The same for what came over a wire. Throws DomainErrors as they come. */
  take(name: string, asked: unknown): Promise<unknown>;
}

/** Without a `recorder` nothing is recorded there. */
export function createNodeHandlers(node: MediaNode, recorder: NodeRecorder | null = null): NodeHandlers {
  const recording = (): NodeRecorder => {
    if (!recorder) throw new DomainError("recording_unavailable");
    return recorder;
  };
  const handlers: Handlers = {
    open: async ({ session }) => {
      await node.open(session);
      return {};
    },
    join: ({ session, person, listens }) => node.join(session, { person, polite: false, listens }),
    signal: ({ session, person, data }) => node.signal(session, person, data),
    leave: async ({ session, person }) => {
      await node.leave(session, person);
      return {};
    },
    close: async ({ session }) => {
      await node.closeSession(session);
      return {};
    },
    "record.start": async ({ session, segment }) => {
      await recording().start(session, segment);
      return {};
    },
    "record.renew": async ({ session, segment, epoch }) => ({
      status: await recording().renew(session, segment, epoch),
    }),
    "record.stop": async ({ session, segment }) => {
      await recording().stop(session, segment);
      return {};
    },
  };
  const run = <N extends NodeRequestName>(name: N, asked: Asks<N>): Promise<Answers<N>> =>
    handlers[name](asked);
  const checked = <N extends NodeRequestName>(name: N, asked: unknown): Asks<N> => {
    const form: Form<N> = nodeRequests[name];
    const { success, data } = form.asks.safeParse(asked);
    if (!success) throw new DomainError("invalid_payload");
    return data;
  };
  return {
    do: run,
    take: async (name, asked) => {
      if (!isNodeRequest(name)) throw new DomainError("unknown_request");
      return run(name, checked(name, asked));
    },
  };
}
