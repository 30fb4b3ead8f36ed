import { randomUUID } from "node:crypto";
import { z } from "zod";
import { DomainError, isErrorCode, toDomainError, toRejection } from "../../core/domain/errors.ts";
import { asUnavailable } from "../../core/platform/database/away.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { done, inputs, moveResult, type ProcessCalls, reply, seat, seats } from "./bus.ts";
import { shared } from "./shared.ts";

/** The way from process to process. */
export interface ProcessBus {
  /** Whether it can be used at all; where it cannot, this process is alone. */
  readonly connected: boolean;
  to(process: string): ProcessCalls;
  /** Whether anybody listens there; null: that cannot be found out now. */
  hears(process: string): Promise<boolean | null>;
  /** Answers what the others ask. */
  serve(calls: ProcessCalls): Promise<void>;
  close(): Promise<void>;
}

/** The part of Redis that it needs. */
export interface BusLine {
  readonly presence: {
    subscribe(channel: string, callback: (message: unknown) => void): Promise<unknown>;
    unsubscribe(channel: string, callback: (message: unknown) => void): Promise<unknown>;
    publish(channel: string, message: unknown): Promise<unknown>;
  };
  connected(): boolean;
  subscribers(channel: string): Promise<number | null>;
}

/** How long an answer may take (ms). */
const patience = {
  wake: 5_000,
  seat: 3_000,
  request: 15_000,
  prepare: 3_000,
  // It is asked again, and what was asked while nobody could hear it is lost.
  adopt: 2_000,
  abandon: 1_000,
  move: 30_000,
};
/** After so long without one it is asked whether anybody is there. */
const doubtMs = 150;

const asked = z.object({ id: z.string(), from: z.string(), call: z.string(), input: z.unknown() });
const answered = z.object({
  id: z.string(),
  output: z.unknown().optional(),
  refusal: z.unknown().optional(),
});
const refusal = z.object({
  code: z.string().refine(isErrorCode),
  message: z.string(),
  retryAfterMs: z.number().exactOptional(),
  first: z.object({ person: z.string(), name: z.string(), at: z.number() }).exactOptional(),
});

/**
 * Requests and replies over Colyseus' presence: one channel a process. A process that has died is noticed at once, as
 * nobody listens on its channel any more; one that is frozen by its silence.
 */
export function createProcessBus(self: string, line: BusLine, log: Logger): ProcessBus {
  const waiting = new Map<string, PromiseWithResolvers<unknown>>();
  let served: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {};

  const hears = shared(channelOf, async (process: string): Promise<boolean | null> => {
    const count = await line.subscribers(channelOf(process));
    return count === null ? null : count > 0;
  });

  const send = async (process: string, message: object): Promise<void> => {
    await line.presence.publish(channelOf(process), message);
  };

  const ask = async (process: string, call: keyof ProcessCalls, input: object): Promise<unknown> => {
    if (!line.connected()) throw unreachable();
    const id = randomUUID();
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const late = setTimeout(() => answer.reject(unreachable()), patience[call]);
    const doubt = setInterval(async () => {
      if ((await hears(process)) === false) answer.reject(unreachable());
    }, doubtMs);
    try {
      send(process, { id, from: self, call, input }).catch(() => answer.reject(unreachable()));
      return await answer.promise;
    } finally {
      waiting.delete(id);
      clearTimeout(late);
      clearInterval(doubt);
    }
  };

  const handle = async (message: unknown): Promise<void> => {
    const request = asked.safeParse(message);
    if (request.success) return answer(request.data);
    const response = answered.safeParse(message);
    if (!response.success) return log.warn("a message from another process was not understood");
    const { id, output, refusal: refused } = response.data;
    const asking = waiting.get(id);
    if (refused === undefined) asking?.resolve(output);
    else asking?.reject(errorOf(refused));
  };

  const answer = async ({ id, from, call, input }: z.output<typeof asked>): Promise<void> => {
    const run = Object.hasOwn(served, call) ? served[call] : undefined;
    try {
      if (!run) throw new DomainError("unknown_request");
      await send(from, { id, output: await run(input) });
    } catch (thrown) {
      const error = asUnavailable(thrown);
      if (!(error instanceof DomainError))
        log.error({ err: error, call }, "a call of another process failed");
      await send(from, { id, refusal: toRejection(error) });
    }
  };

  const onMessage = (message: unknown): void => {
    handle(message).catch((error: unknown) => log.warn({ err: error }, "an answer could not be sent"));
  };

  return {
    get connected() {
      return line.connected();
    },
    hears,
    to: (process) => ({
      wake: async (call) => done.parse(await ask(process, "wake", call)),
      seat: async (call) => seat.parse(await ask(process, "seat", call)),
      request: async (call) => reply.parse(await ask(process, "request", call)),
      prepare: async (call) => done.parse(await ask(process, "prepare", call)),
      adopt: async (call) => seats.parse(await ask(process, "adopt", call)),
      abandon: async (call) => done.parse(await ask(process, "abandon", call)),
      move: async (call) => moveResult.parse(await ask(process, "move", call)),
    }),
    serve: async (calls) => {
      served = {
        wake: (input) => calls.wake(inputs.wake.parse(input)),
        seat: (input) => calls.seat(inputs.seat.parse(input)),
        request: (input) => calls.request(inputs.request.parse(input)),
        prepare: (input) => calls.prepare(inputs.prepare.parse(input)),
        adopt: (input) => calls.adopt(inputs.adopt.parse(input)),
        abandon: (input) => calls.abandon(inputs.abandon.parse(input)),
        move: (input) => calls.move(inputs.move.parse(input)),
      };
      await line.presence.subscribe(channelOf(self), onMessage);
    },
    close: async () => {
      await line.presence.unsubscribe(channelOf(self), onMessage);
    },
  };
}

function channelOf(process: string): string {
  return `hugmedo:${process}`;
}

function errorOf(refused: unknown): DomainError {
  const parsed = refusal.safeParse(refused);
  return parsed.success ? toDomainError(parsed.data) : new DomainError("internal");
}

/** The room is there no more, or will be found there again in a moment. */
function unreachable(): DomainError {
  return new DomainError("room_closed");
}
