import { getMessageBytes, Protocol, ResponseStatus } from "@colyseus/core";
import { decode } from "@colyseus/schema";
import { unpack } from "msgpackr";
import { DomainError, type Rejection } from "../../core/domain/errors.ts";

/** A message of a client: `requestId` is there when it waits for a reply. */
export interface ClientMessage {
  readonly requestId: number | null;
  readonly name: string;
  readonly payload: unknown;
}

/**
 * Reads a message or request as the Colyseus SDK frames it: code, request id (requests alone), name, and
 * the payload in msgpack. null: a frame of the protocol's own (join, ping, leave). What cannot be read is
 * `unreadable`; its payload is then an error to be told to the sender, not a reason to close.
 */
export function readFrame(frame: Buffer): ClientMessage | { readonly unreadable: number | null } | null {
  const code = frame[0];
  if (code !== Protocol.ROOM_DATA && code !== Protocol.ROOM_REQUEST) return null;
  const it = { offset: 1 };
  let requestId: number | null = null;
  try {
    if (code === Protocol.ROOM_REQUEST) requestId = decode.number(frame, it);
    if (!decode.stringCheck(frame, it)) return { unreadable: requestId };
    const name = decode.string(frame, it);
    const payload: unknown = it.offset < frame.length ? unpack(frame.subarray(it.offset)) : undefined;
    return { requestId, name, payload };
  } catch {
    return { unreadable: requestId };
  }
}

export function replyFrame(requestId: number, reply: object): Buffer {
  return getMessageBytes[Protocol.ROOM_RESPONSE](requestId, ResponseStatus.OK, reply);
}

export function rejectionFrame(requestId: number, rejection: Rejection): Buffer {
  return getMessageBytes[Protocol.ROOM_RESPONSE](requestId, ResponseStatus.REJECTED, rejection);
}

/** A message of the room's own; one frame serves any number of clients. */
export function messageFrame(name: string, payload: unknown): Buffer {
  return getMessageBytes.raw(Protocol.ROOM_DATA, name, payload);
}

export const unreadable = new DomainError("invalid_payload", "Send the request as msgpack with a name.");
