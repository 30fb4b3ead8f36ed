import { exchange, type Fetch } from "./api/exchange.ts";
import type { Args, CallOptions, Input, LooseRoute, OperationId, ReplyOf, Route } from "./api/types.ts";
import { HugMeDoError } from "./errors.ts";
import { backoff } from "./lib/backoff.ts";
import { type Clock, sleep } from "./lib/clock.ts";

export type { Fetch } from "./api/exchange.ts";

/** Says that the request comes from our page; needed wherever the cookie speaks for the person. */
export const fromPage = { headers: { "x-hugmedo-csrf": "1" } } as const;

/**
 * The REST interface as the page asks it: the routes it uses, typed by the schemas, without carrying these. Replies are
 * trusted to be what the server's schemas say. Every failure is a `HugMeDoError`, and nothing is asked twice.
 */
export class Http {
  readonly origin: string;
  private readonly fetch: Fetch;

  constructor(origin: string, fetch: Fetch) {
    this.origin = origin;
    this.fetch = fetch;
  }

  /** No answer within 15 s is `unavailable`; a file may take ten minutes. */
  call<Id extends OperationId>(route: Route<Id>, ...args: Args<Id>): Promise<ReplyOf<Id>>;
  call(route: LooseRoute, input?: Input, options?: CallOptions): Promise<unknown> {
    return this.ask(route, input, options);
  }

  /** The same with a token, for whoever has one. */
  async ask(
    route: LooseRoute,
    input: Input = {},
    options: CallOptions = {},
    token?: string,
  ): Promise<unknown> {
    const { origin, fetch } = this;
    return (await exchange(route, input, { ...options, origin, fetch, token })).reply;
  }
}

const tries = 3;

/** Asks again, a few times, where the answer was lost: for what the server answers once in effect. */
export async function persistently<T>(clock: Clock, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const lost = error instanceof HugMeDoError && error.code === "unavailable";
      if (!lost || attempt === tries) throw error;
      await sleep(clock, backoff(clock, attempt));
    }
  }
}
