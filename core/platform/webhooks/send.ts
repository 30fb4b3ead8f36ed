import type { PublicEvent } from "../../protocol/rest-events.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import { OutboundFailed } from "../net/failure.ts";
import { type Outbound, OutboundRefused } from "../net/outbound.ts";
import type { Fault } from "./faults.ts";
import { askedPause } from "./schedule.ts";
import { signedHeaders } from "./signing.ts";
import type { Webhook } from "./webhook-store.ts";

/** What came of one try. */
export interface Try {
  readonly delivered: boolean;
  /** null: no answer came. */
  readonly status: number | null;
  readonly fault: Fault | null;
  /** The receiver says that it wants nothing more, ever (410). */
  readonly gone: boolean;
  readonly askedMs: number | null;
  /** Whether the endpoint itself is at fault, and not what was sent. */
  readonly broken: boolean;
}

export interface Message {
  readonly id: string;
  readonly body: string;
}

const timeoutMs = 10_000;

/** The event, with its time also as Standard Webhooks has it. */
export function messageOf(event: PublicEvent): Message {
  return { id: event.id, body: JSON.stringify({ ...event, timestamp: new Date(event.at).toISOString() }) };
}

/** Never throws: that a receiver fails is what is expected of it. */
export async function send(
  { outbound, ring }: { readonly outbound: Outbound; readonly ring: KeyRing },
  webhook: Webhook,
  message: Message,
  now: number,
): Promise<Try> {
  const headers = await signedHeaders(ring, webhook, message, now);
  try {
    const { status, headers: answered } = await outbound.post(webhook.url, {
      headers,
      body: message.body,
      timeoutMs,
    });
    const delivered = status >= 200 && status < 300;
    return {
      delivered,
      status,
      fault: delivered ? null : "status",
      gone: status === 410,
      askedMs: askedPause(answered["retry-after"]),
      broken: status >= 500 || status === 429,
    };
  } catch (error) {
    const fault = faultOf(error);
    return { delivered: false, status: null, fault, gone: false, askedMs: null, broken: true };
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof OutboundRefused) return "refused";
  if (error instanceof OutboundFailed) return error.reason;
  throw error;
}
