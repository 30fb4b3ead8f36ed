import { unreachable } from "../errors.ts";
import { addressOf, problemIn } from "./http-parts.ts";
import type { Answer, CallOptions, Input, LooseRoute } from "./types.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Exchange extends CallOptions {
  readonly origin: string;
  readonly fetch: Fetch;
  /** The access token; what is open goes without. */
  readonly token?: string | undefined;
  /** In place of the route's own address: the one of a further page. */
  readonly path?: string;
  /** How long an answer is waited for (ms). */
  readonly timeoutMs?: number | undefined;
}

const patience = 15_000;
/** A file may take its time. */
const filePatience = 10 * 60_000;

/** One request and its answer. Every failure is a `HugMeDoError`, save that of a caller who gave it up. */
export async function exchange(
  route: LooseRoute,
  { params, query, body, bytes }: Input,
  { origin, fetch, token, path, timeoutMs, idempotencyKey, ifMatch, headers: more, signal }: Exchange,
): Promise<Answer<unknown>> {
  const headers = new Headers(more);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (bytes !== undefined) headers.set("content-type", "application/octet-stream");
  if (idempotencyKey !== undefined) headers.set("idempotency-key", `"${idempotencyKey}"`);
  if (ifMatch !== undefined) headers.set("if-match", ifMatch);
  if (token !== undefined && !route.open) headers.set("authorization", `Bearer ${token}`);
  const late = AbortSignal.timeout(timeoutMs ?? (route.givesBytes ? filePatience : patience));
  const address = new URL(path ?? addressOf(route.path, params, query), origin);
  const failed = (error: unknown) => Promise.reject(signal?.aborted ? error : unreachable(error));
  const response = await fetch(address.href, {
    method: route.method,
    headers,
    body: bytes ?? (body === undefined ? null : JSON.stringify(body)),
    signal: signal ? AbortSignal.any([signal, late]) : late,
    credentials: "same-origin",
    cache: "no-store",
  }).catch(failed);
  const of = (name: string) => response.headers.get(name);
  if (!response.ok) throw problemIn(response.status, await response.text().catch(failed), response.headers);
  return {
    // What is not JSON comes from somewhere else, a captive portal for instance.
    reply: await contentOf(route, response).catch(failed),
    status: response.status,
    etag: of("etag"),
    requestId: of("x-request-id"),
    replayed: of("idempotent-replayed") === "true",
    next: /<([^>]*)>;\s*rel="next"/.exec(of("link") ?? "")?.[1] ?? null,
  };
}

async function contentOf({ givesBytes, givesText }: LooseRoute, response: Response): Promise<unknown> {
  if (givesBytes) return response.blob();
  const text = await response.text();
  return givesText ? text : text === "" ? undefined : JSON.parse(text);
}
