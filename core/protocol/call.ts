import { z } from "zod";
import { backendNames } from "../domain/call/state.ts";
import { commandId, personId } from "./conversation.ts";
import { mediasoupJoin } from "./mediasoup.ts";

const n = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** What one signal may carry, as JSON. */
export const signalBytes = 64 * 1024;

/** The payload of every request of a call. Unknown fields are refused. */
export const callRequests = {
  /** Also for joining again: after `media.switched`, a reload, or when the room says to try again. */
  "media.join": z.strictObject({
    id: commandId,
    capabilities: z.strictObject({
      backends: z.array(z.enum(backendNames)).min(1).max(backendNames.length),
      audio: z.boolean(),
      video: z.boolean(),
    }),
  }),
  "media.leave": z.strictObject({ id: commandId }),
  /** That session does not carry this person's call, and cannot be mended from where they are. */
  "media.failed": z.strictObject({
    id: commandId,
    session: n,
    reason: z.string().regex(/^[a-z_]{1,40}$/, "1 to 40 small letters or _"),
  }),
  /** Of the engine alone: the backend has lost the session, or is about to end where it runs (`drain`). */
  "media.lost": z.strictObject({
    id: z.string().regex(/^lost_[0-9]{1,16}$/, "lost_ and the session's number"),
    n,
    reason: z.string().regex(/^[a-z_]{1,40}$/, "1 to 40 small letters or _"),
  }),
  "media.mute": z.strictObject({ id: commandId, participant: personId }),
  /** Passes through the room, and is kept nowhere. Without `to` it is for the backend. */
  "media.signal": z.strictObject({
    session: n,
    to: personId.optional(),
    data: z.unknown().refine(fits, "64 KiB of JSON at most"),
  }),
} as const;

export type CallRequestName = keyof typeof callRequests;
export type CallPayload<N extends CallRequestName> = z.input<(typeof callRequests)[N]>;

export const iceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().exactOptional(),
  credential: z.string().exactOptional(),
});
export type IceServer = z.infer<typeof iceServer>;

/** Browser to browser. `polite`: this side gives way when both make an offer at once; one of the two does. */
export const peerJoin = z.object({
  backend: z.literal("peer"),
  iceServers: z.array(iceServer),
  polite: z.boolean(),
});

/**
 * A meeting of Amazon Chime, named and formed as its browser library takes it. The token lets in this person alone. To
 * the meeting somebody is `ExternalUserId`: the HMAC-SHA256 of their id under `key` (base64url), so that those inside
 * know each other and nobody else does.
 */
export const chimeJoin = z.object({
  backend: z.literal("chime"),
  meeting: z.object({
    MeetingId: z.string(),
    MediaRegion: z.string(),
    MediaPlacement: z.object({
      AudioHostUrl: z.string(),
      AudioFallbackUrl: z.string().exactOptional(),
      SignalingUrl: z.string(),
      TurnControlUrl: z.string().exactOptional(),
    }),
  }),
  attendee: z.object({
    AttendeeId: z.string(),
    ExternalUserId: z.string(),
    JoinToken: z.string(),
  }),
  key: z.string(),
});
export type ChimeJoin = z.infer<typeof chimeJoin>;

/** What a browser needs to take part in a session, by what the session runs on. It holds secrets of that person's. */
export const backendJoin = z.discriminatedUnion("backend", [peerJoin, chimeJoin, mediasoupJoin]);
export type BackendJoin = z.infer<typeof backendJoin>;

export const sessionName = z.object({ n, backend: z.enum(backendNames) });
export type SessionName = z.infer<typeof sessionName>;

/** `media.join` is answered so. While the session is being opened it is refused with `busy`; ask again with the same id. */
export const joinReply = z.object({ seq: z.int(), at: z.number(), session: sessionName, join: backendJoin });
export type JoinReply = z.infer<typeof joinReply>;

/** `media.signal` is answered so, once it was passed on. `data`: what the backend said to it. */
export interface SignalReply {
  readonly data?: unknown;
}

/** Messages of the room's own. */
export const callMessages = {
  signal: "media.signal",
  switched: "media.switched",
  muteAsked: "media.muteAsked",
} as const;

/** From somebody in the same session. */
export interface SignalMessage {
  readonly session: number;
  readonly from: string;
  readonly data: unknown;
}

/** The call goes on in another session: everyone in it joins again. The same is told by the state's `call.n`. */
export interface SwitchedMessage {
  readonly session: SessionName;
  readonly reason: string;
}

/** A clinician asks somebody to be silent: that person's client mutes, the others' show it. */
export interface MuteAskedMessage {
  readonly participant: string;
  readonly by: string;
}

function fits(data: unknown): boolean {
  try {
    const text = JSON.stringify(data);
    return text !== undefined && new TextEncoder().encode(text).length <= signalBytes;
  } catch {
    return false;
  }
}
