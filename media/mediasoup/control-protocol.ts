import { z } from "zod";
import { roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import { mediasoupJoin } from "../../core/protocol/mediasoup.ts";
import { recordingId, segmentNumber } from "../../core/protocol/recording.ts";

export const sessionName = z.object({
  org: z.string().min(1).max(200),
  ref: z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) }),
  n: z.int().min(1),
});
const person = z.string().min(1).max(200);
const segment = z.object({ recording: recordingId, segment: segmentNumber });
const nothing = z.object({});

/**
 * What rooms ask of a media node, by name: what is said, and what is answered. One entry more is one request more; the
 * node's side of it stands in node-requests.ts.
 */
const forms = {
  open: { asks: z.object({ session: sessionName }), answers: nothing },
  join: {
    asks: z.object({ session: sessionName, person, listens: z.boolean() }),
    answers: mediasoupJoin.omit({ iceServers: true }),
  },
  signal: { asks: z.object({ session: sessionName, person, data: z.unknown() }), answers: z.unknown() },
  leave: { asks: z.object({ session: sessionName, person }), answers: nothing },
  close: { asks: z.object({ session: sessionName }), answers: nothing },
  "record.start": { asks: z.object({ session: sessionName, segment }), answers: nothing },
  "record.renew": {
    asks: z.object({ session: sessionName, segment, epoch: z.int() }),
    answers: z.object({ status: z.enum(["running", "stopped"]) }),
  },
  "record.stop": { asks: z.object({ session: sessionName, segment }), answers: nothing },
} as const satisfies Readonly<Record<string, { readonly asks: z.ZodType; readonly answers: z.ZodType }>>;

export type NodeRequestName = keyof typeof forms;
export type Asks<N extends NodeRequestName> = z.infer<(typeof forms)[N]["asks"]>;
export type Answers<N extends NodeRequestName> = z.infer<(typeof forms)[N]["answers"]>;

export interface Form<N extends NodeRequestName> {
  readonly asks: z.ZodType<Asks<N>>;
  readonly answers: z.ZodType<Answers<N>>;
}

export const nodeRequests: { readonly [N in NodeRequestName]: Form<N> } = forms;

export function isNodeRequest(name: string): name is NodeRequestName {
  return Object.hasOwn(nodeRequests, name);
}
