import { randomBytes } from "node:crypto";
import { DomainError } from "../../core/domain/errors.ts";
import type { LostSession, MediaBackend, MediaSession } from "../backend.ts";
import { iceServersFor, type TurnSettings } from "../peer/turn-credentials.ts";
import type { NodePort, Nodes } from "./nodes.ts";
import { mayCarry, placeNodes } from "./placement.ts";

export interface MediasoupParts {
  readonly nodes: Nodes;
  readonly turn: TurnSettings;
  now(): number;
}

/** How many nodes are asked to open a session before that has failed. */
const tries = 2;

/**
 * Calls on mediasoup, in this process or in media processes of its own. A session's place is the id of its node,
 * which is new with every start of a process: what is not there any more is not taken for what is.
 */
export function createMediasoupBackend({ nodes, turn, now }: MediasoupParts): MediaBackend {
  const find = async ({ place }: MediaSession): Promise<NodePort | undefined> =>
    place === null ? undefined : nodes.find(place);
  const nodeOf = async (session: MediaSession): Promise<NodePort> => {
    const node = await find(session);
    if (!node) throw new DomainError("call_gone");
    return node;
  };

  return {
    name: "mediasoup",
    ready: () => nodes.all().some(mayCarry),
    open: async ({ org, ref, n }) => {
      let fault: unknown = new DomainError("media_unavailable");
      for (const node of placeNodes(nodes.all()).slice(0, tries)) {
        try {
          await node.ask("open", { session: { org, ref, n } });
          return node.id;
        } catch (error) {
          fault = error;
        }
      }
      throw fault;
    },
    join: async (session, { person, listens = false }) => {
      const node = await nodeOf(session);
      const join = await node.ask("join", { session: nameOf(session), person, listens });
      const who = randomBytes(9).toString("base64url");
      return { ...join, iceServers: iceServersFor(turn, who, now()) };
    },
    signal: async (session, person, data) =>
      (await nodeOf(session)).ask("signal", { session: nameOf(session), person, data }),
    leave: async (session, person) => {
      await (await find(session))?.ask("leave", { session: nameOf(session), person });
    },
    close: async (session) => {
      // Where it is not known, nobody ever came: it ends by itself.
      await (await find(session))?.ask("close", { session: nameOf(session) });
    },
    recorder: {
      start: async (session, segment) => {
        const node = await nodeOf(session);
        await node.ask("record.start", { session: nameOf(session), segment });
      },
      renew: async (session, segment, epoch) => {
        const asked = { session: nameOf(session), segment, epoch };
        return (await (await nodeOf(session)).ask("record.renew", asked)).status;
      },
      // Where its node is not known, it has ended with that.
      stop: async (session, segment) => {
        await (await find(session))?.ask("record.stop", { session: nameOf(session), segment });
      },
    },
    health: async () => nodes.health(),
    watch: (lost: (session: LostSession) => void) => nodes.watch(lost),
  };
}

function nameOf({ org, ref, n }: MediaSession) {
  return { org, ref, n };
}
