import type { z } from "zod";
import { HugMeDoError, isPassing, unreachable } from "../errors.ts";
import type { Fetch } from "../http.ts";
import { type Clock, sleep, systemClock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { addressOf, problemIn } from "./http-parts.ts";
import { operations } from "./operations.ts";
import type { Answer, ApiClient, CallOptions, Methods, OperationId } from "./types.ts";

export interface ApiClientOptions {
  /** `https://clinic.example` */
  readonly baseUrl: string;
  /** An access token, or how to get one that is good now. */
  readonly token?: string | (() => string | Promise<string>);
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** How often a request is made at most; 1: never again. */
  readonly tries?: number;
  /** How long an answer is waited for (ms). */
  readonly timeoutMs?: number;
}

/** An operation, with everything that only some have. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly reply: z.ZodType | null;
  readonly open?: true;
  readonly keyed?: true;
  readonly givesBytes?: true;
  readonly givesText?: true;
}

interface Input {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly bytes?: ArrayBuffer;
}

const safe = ["GET", "PUT", "DELETE"];
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/**
 * A client of the REST API, typed by the schemas that the server checks with. A request that may be repeated without doing
 * anything twice is repeated when it fails in passing; what makes something carries an Idempotency-Key for that.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { tries = 4, clock = systemClock } = options;

  const call = async (
    id: OperationId,
    input: Input = {},
    given: CallOptions = {},
  ): Promise<Answer<unknown>> => {
    const operation: Operation = operations[id];
    const idempotencyKey = given.idempotencyKey ?? (operation.keyed ? newId() : undefined);
    const path = addressOf(operation.path, input.params, input.query);
    return persist(operation, () =>
      request(options, operation, { path, ...input, ...given, idempotencyKey }),
    );
  };

  const persist = async <T>(operation: Operation, attempt: () => Promise<T>): Promise<T> => {
    for (let made = 1; ; made += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof HugMeDoError) || made >= tries || !mayRepeat(operation, error)) throw error;
        const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** made) * (0.5 + Math.random() / 2);
        await sleep(clock, Math.max(pause, error.retryAfterMs ?? 0));
      }
    }
  };

  async function* pages(
    id: OperationId,
    input: Input = {},
    given: CallOptions = {},
  ): AsyncGenerator<unknown, void> {
    const operation: Operation = operations[id];
    let answer = await call(id, input, given);
    for (;;) {
      yield* itemsOf(answer.reply);
      const { next } = answer;
      if (next === null) return;
      answer = await persist(operation, () => request(options, operation, { ...given, path: next }));
    }
  }

  return clientOf(call, pages);
}

type Call = (id: OperationId, input?: Input, options?: CallOptions) => Promise<Answer<unknown>>;
type Pages = (id: OperationId, input?: Input, options?: CallOptions) => AsyncGenerator<unknown, void>;

/** The table of operations says what each takes and answers; that it is in step with the server is tested. */
function clientOf(call: Call, pages: Pages): ApiClient;
function clientOf(call: Call, pages: Pages): object {
  return { ...methodsOf(call), call, pages };
}

function methodsOf(call: Call): Methods;
function methodsOf(call: Call): object {
  const method = (id: OperationId) => async (input?: Input, options?: CallOptions) =>
    (await call(id, input, options)).reply;
  return Object.fromEntries(
    Object.keys(operations)
      .filter(isOperationId)
      .map((id) => [id, method(id)]),
  );
}

function isOperationId(name: string): name is OperationId {
  return Object.hasOwn(operations, name);
}

/** Whether the same request again can do no harm, and may succeed. Whoever was too fast has had nothing done. */
function mayRepeat({ method, keyed }: Operation, { code }: HugMeDoError): boolean {
  if (code === "rate_limited" || code === "request_in_progress") return true;
  return isPassing(code) && (safe.includes(method) || keyed === true);
}

interface Sent extends Pick<Input, "body" | "bytes">, Omit<CallOptions, "idempotencyKey"> {
  readonly path: string;
  readonly idempotencyKey?: string | undefined;
}

async function request(
  { baseUrl, token, fetch: ask = fetch, timeoutMs = 15_000 }: ApiClientOptions,
  operation: Operation,
  { path, body, bytes, idempotencyKey, ifMatch, headers: more, signal }: Sent,
): Promise<Answer<unknown>> {
  const headers = new Headers(more);
  if (body !== undefined) headers.set("content-type", "application/json");
  if (bytes !== undefined) headers.set("content-type", "application/octet-stream");
  if (idempotencyKey !== undefined) headers.set("idempotency-key", `"${idempotencyKey}"`);
  if (ifMatch !== undefined) headers.set("if-match", ifMatch);
  const bearer = typeof token === "function" ? await token() : token;
  if (bearer !== undefined && !operation.open) headers.set("authorization", `Bearer ${bearer}`);
  const late = AbortSignal.timeout(timeoutMs);
  const response = await ask(new URL(path, baseUrl).href, {
    method: operation.method,
    headers,
    body: bytes ?? (body === undefined ? null : JSON.stringify(body)),
    signal: signal ? AbortSignal.any([signal, late]) : late,
  }).catch((error: unknown) => Promise.reject(signal?.aborted ? error : unreachable(error)));
  if (!response.ok) throw problemIn(response.status, await response.text(), response.headers);
  const read = async (): Promise<unknown> => {
    if (operation.givesBytes) return response.blob();
    if (operation.givesText) return response.text();
    return operation.reply === null ? undefined : operation.reply.parse(await response.json());
  };
  const of = (name: string) => response.headers.get(name);
  return {
    reply: await read().catch((error: unknown) => Promise.reject(unreachable(error))),
    status: response.status,
    etag: of("etag"),
    requestId: of("x-request-id"),
    replayed: of("idempotent-replayed") === "true",
    next: /<([^>]*)>;\s*rel="next"/.exec(of("link") ?? "")?.[1] ?? null,
  };
}

function itemsOf(reply: unknown): readonly unknown[] {
  const items = typeof reply === "object" && reply !== null && "items" in reply ? reply.items : [];
  return Array.isArray(items) ? items : [];
}
