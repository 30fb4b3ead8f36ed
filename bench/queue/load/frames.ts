import { decode, encode } from "@colyseus/schema";
import { pack, unpack } from "msgpackr";
import { colyseusCodes as codes } from "../../fanout/load/seat.ts";

/** What the server sends in a frame. */
export type Received =
  | { readonly type: "state" | "patch" }
  | { readonly type: "reply"; readonly request: number; readonly ok: boolean; readonly payload: unknown }
  | { readonly type: "message"; readonly name: string; readonly payload: unknown }
  | { readonly type: "other"; readonly code: number };

/** A request as the Colyseus SDK frames it. */
export function requestFrame(request: number, name: string, payload: object): Uint8Array {
  const head = Buffer.alloc(64);
  const it = { offset: 0 };
  encode.uint8(head, codes.request, it);
  encode.number(head, request, it);
  encode.string(head, name, it);
  return Buffer.concat([head.subarray(0, it.offset), pack(payload)]);
}

/** Reads a frame; a state or a patch is left as it is. */
export function readReceived(frame: Buffer): Received {
  const code = frame[0] ?? 0;
  const it = { offset: 1 };
  switch (code) {
    case codes.state:
      return { type: "state" };
    case codes.patch:
      return { type: "patch" };
    case codes.data: {
      const name = decode.string(frame, it);
      return { type: "message", name, payload: payloadAt(frame, it.offset) };
    }
    case codes.response: {
      const request = decode.number(frame, it);
      const ok = frame[it.offset] === 0;
      return { type: "reply", request, ok, payload: payloadAt(frame, it.offset + 1) };
    }
    default:
      return { type: "other", code };
  }
}

function payloadAt(frame: Buffer, offset: number): unknown {
  return offset < frame.length ? unpack(frame.subarray(offset)) : undefined;
}
