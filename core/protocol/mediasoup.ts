import { z } from "zod";

/**
 * What a browser and a media process say to each other in a session that runs on mediasoup. Requests go through the
 * room, as the `data` of `media.signal` without `to`, and are answered there; news comes over a data channel of the
 * session's own, so that a move of the room changes nothing.
 */

/** RTP, DTLS, ICE and SCTP parameters as mediasoup has them: its libraries check them at both ends. */
const opaque = z.record(z.string(), z.unknown());
const id = z.string().min(1).max(64);

export const mediaSlots = ["audio", "video", "screen"] as const;
export type MediaSlot = (typeof mediaSlots)[number];

const transport = z.object({
  id,
  iceParameters: opaque,
  iceCandidates: z.array(opaque),
  dtlsParameters: opaque,
  sctpParameters: opaque.exactOptional(),
});

/** How somebody takes part. Who only listens has nothing to `send` over. Who joins again gets all of it anew. */
export const mediasoupJoin = z.object({
  backend: z.literal("mediasoup"),
  /** Of this person's presence in the session: an older one is told `elsewhere` and ends. */
  presence: id,
  routerRtpCapabilities: opaque,
  iceServers: z.array(
    z.object({
      urls: z.array(z.string()),
      username: z.string().exactOptional(),
      credential: z.string().exactOptional(),
    }),
  ),
  send: transport.nullable(),
  receive: transport,
  /** The data channel that brings the news; it is consumed over `receive`. */
  news: z.object({ id, dataProducerId: id, sctpStreamParameters: opaque }),
});
export type MediasoupJoin = z.infer<typeof mediasoupJoin>;

const presence = id;

/**
 * What a browser asks; each may be asked twice. It names the presence that it was given, and is refused with `call_moved` when
 * another took its place, with `call_gone` when it is out.
 */
export const mediasoupRequest = z.discriminatedUnion("ask", [
  /** → `{}` */
  z.strictObject({ ask: z.literal("connect"), presence, transport: id, dtlsParameters: opaque }),
  /** After a broken connection → `{ iceParameters }` */
  z.strictObject({ ask: z.literal("restartIce"), presence, transport: id }),
  /** Gives something to the others; what was in the slot before is closed → `{ producer }` */
  z.strictObject({ ask: z.literal("produce"), presence, slot: z.enum(mediaSlots), rtpParameters: opaque }),
  /** Stops, or goes on giving: a microphone that is off; nobody receives it meanwhile → `{}` */
  z.strictObject({ ask: z.literal("pause"), presence, producer: id, on: z.boolean() }),
  /** → `{}` */
  z.strictObject({ ask: z.literal("unproduce"), presence, producer: id }),
  /** Takes what somebody gives; it stands still until `watch` → `{ consumer, producer, kind, rtpParameters }` */
  z.strictObject({ ask: z.literal("consume"), presence, producer: id, rtpCapabilities: opaque }),
  /** Whether one looks at or hears it at this moment, and how much of it is wanted at most → `{}` */
  z.strictObject({
    ask: z.literal("watch"),
    presence,
    consumer: id,
    on: z.boolean(),
    spatialLayer: z.int().min(0).max(2).exactOptional(),
  }),
  /** These receive nothing of me for now → `{}` */
  z.strictObject({ ask: z.literal("withhold"), presence, from: z.array(z.string().max(200)).max(50) }),
]);
export type MediasoupRequest = z.infer<typeof mediasoupRequest>;

/** Something that somebody else gives and I may have. */
export const offered = z.object({
  person: z.string(),
  slot: z.enum(mediaSlots),
  producer: id,
  paused: z.boolean(),
});
export type Offered = z.infer<typeof offered>;

/** JSON over the data channel. Each says how things stand, whole, so that nothing depends on one before. */
export const mediasoupNews = z.discriminatedUnion("news", [
  /** Everything that others give: said when the channel opens, and at every change. */
  z.object({ news: z.literal("offers"), offers: z.array(offered) }),
  /** Who speaks (null: nobody), and how loud each is (dBov, −127 to 0). */
  z.object({
    news: z.literal("speaking"),
    person: z.string().nullable(),
    levels: z.record(z.string(), z.number()),
  }),
  /** I am in the session from another window or device: this one ends. */
  z.object({ news: z.literal("elsewhere") }),
]);
export type MediasoupNews = z.infer<typeof mediasoupNews>;
