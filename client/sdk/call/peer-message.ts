import type { Sending } from "./call-link.ts";

/**
 * What two browsers say to each other through the room. `screen` is the id of the stream that carries the sender's
 * screen.
 */
export type PeerMessage =
  | { readonly kind: "hello" }
  /** I hear you from another window or device by now. */
  | { readonly kind: "elsewhere" }
  /** What of me is on, and whether I want to have pictures. */
  | { readonly kind: "sending"; readonly what: Sending; readonly pictures: boolean }
  | {
      readonly kind: "offer" | "answer";
      readonly offer: number;
      readonly sdp: string;
      readonly screen: string;
    }
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit };

/** Each page that joins has an id of its own: what is meant for one that is gone is not taken by the next. */
export interface PeerEnvelope {
  readonly from: string;
  /** null: whoever it reaches. */
  readonly to: string | null;
  readonly message: PeerMessage;
}

/** Reads what came from another browser; null when it is nothing that we say. */
export function parseEnvelope(value: unknown): PeerEnvelope | null {
  if (!isObject(value)) return null;
  const { from, to } = value;
  const message = parseMessage(value.message);
  if (typeof from !== "string" || (to !== null && typeof to !== "string") || !message) return null;
  return { from, to, message };
}

function parseMessage(value: unknown): PeerMessage | null {
  if (!isObject(value)) return null;
  const { kind } = value;
  if (kind === "hello" || kind === "elsewhere") return { kind };
  if (kind === "sending") return { kind, what: parseSending(value.what), pictures: value.pictures !== false };
  if (kind === "candidate") return isObject(value.candidate) ? { kind, candidate: value.candidate } : null;
  if (kind !== "offer" && kind !== "answer") return null;
  const { offer, sdp, screen } = value;
  if (typeof offer !== "number" || typeof sdp !== "string" || typeof screen !== "string") return null;
  return { kind, offer, sdp, screen };
}

function parseSending(value: unknown): Sending {
  const sent = isObject(value) ? value : {};
  return { audio: sent.audio === true, video: sent.video === true, screen: sent.screen === true };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
