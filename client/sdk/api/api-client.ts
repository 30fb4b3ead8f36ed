import type { z } from "zod";
import { HugMeDoError, isPassing, unreachable } from "../errors.ts";
import { type Clock, sleep, systemClock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { exchange, type Fetch } from "./exchange.ts";
import { operations } from "./operations.ts";
import type { Answer, ApiClient, CallOptions, Input, LooseRoute, Methods, OperationId } from "./types.ts";

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

interface Operation extends LooseRoute {
  readonly reply: z.ZodType | null;
}

const safe = ["GET", "PUT", "DELETE"];
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/**
 * A client of the REST API, typed by the schemas that the server checks with. A request that may be repeated without doing
 * anything twice is repeated when it fails in passing; what makes something carries an Idempotency-Key for that.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { baseUrl: origin, token, fetch = globalThis.fetch, tries = 4, clock = systemClock } = options;

  const ask = async (operation: Operation, input: Input, given: CallOptions & { readonly path?: string }) => {
    const bearer = operation.open ? undefined : typeof token === "function" ? await token() : token;
    const own = { origin, fetch, timeoutMs: options.timeoutMs, token: bearer };
    return checked(operation, await exchange(operation, input, { ...given, ...own }));
  };

  const call = async (
    id: OperationId,
    input: Input = {},
    given: CallOptions = {},
  ): Promise<Answer<unknown>> => {
    const operation: Operation = operations[id];
    const idempotencyKey = given.idempotencyKey ?? (operation.keyed ? newId() : undefined);
    return persist(operation, () => ask(operation, input, { ...given, idempotencyKey }));
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
      answer = await persist(operation, () => ask(operation, {}, { ...given, path: next }));
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

/** A reply that is not what its schema says comes from somewhere else. */
function checked({ reply: schema }: Operation, answer: Answer<unknown>): Answer<unknown> {
  if (schema === null) return answer;
  const { success, data, error } = schema.safeParse(answer.reply);
  if (!success) throw unreachable(error);
  return { ...answer, reply: data };
}

function itemsOf(reply: unknown): readonly unknown[] {
  const items = typeof reply === "object" && reply !== null && "items" in reply ? reply.items : [];
  return Array.isArray(items) ? items : [];
}
