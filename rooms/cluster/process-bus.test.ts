import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { systemPrincipal } from "../../core/domain/principal.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { Done, ProcessCalls } from "./bus.ts";
import { type BusLine, createProcessBus } from "./process-bus.ts";

const ref = { kind: "chat", id: "c" } as const;
const done: Done = {};
const log = createLogger({ level: "silent" });
const by = systemPrincipal("clinic");
const call = { ref, by, name: "chat.send", payload: { body: "hello" } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A presence in memory that two processes share. What is said on it goes through JSON, as on the wire. */
function openLine() {
  const channels = new EventEmitter();
  const state = { connected: true, frozen: false, broken: false, loses: (_message: string) => false };
  const line: BusLine = {
    connected: () => state.connected,
    subscribers: async (channel) => (state.connected ? channels.listenerCount(channel) : null),
    presence: {
      subscribe: async (channel, callback) => channels.on(channel, callback),
      unsubscribe: async (channel, callback) => channels.off(channel, callback),
      publish: async (channel, message) => {
        if (state.broken) throw new Error("the line broke");
        const text = JSON.stringify(message);
        if (state.loses(text)) return;
        if (state.frozen) await new Promise(() => {});
        queueMicrotask(() => channels.emit(channel, JSON.parse(text)));
      },
    },
  };
  return { line, state };
}

const refuse = (): Promise<never> => Promise.reject(new DomainError("room_closed"));
const nothing: ProcessCalls = {
  wake: refuse,
  seat: refuse,
  request: refuse,
  prepare: refuse,
  adopt: refuse,
  abandon: refuse,
  move: refuse,
};

/** Two processes on one line; `b` answers as it is told. */
async function bench(answers: Partial<ProcessCalls> = {}) {
  const { line, state } = openLine();
  const [a, b] = [createProcessBus("a", line, log), createProcessBus("b", line, log)];
  await a.serve(nothing);
  await b.serve({ ...nothing, ...answers });
  const say = (process: string, message: unknown) => line.presence.publish(`hugmedo:${process}`, message);
  return { a, b, state, say, ask: () => a.to("b") };
}

/** How long it takes until it is refused, and with what (ms of fake time). */
async function refusal(
  asked: Promise<unknown>,
): Promise<{ readonly code: string; readonly afterMs: number }> {
  const begun = performance.now();
  const code = asked.then(
    () => "answered",
    (error: unknown) => (error instanceof DomainError ? error.code : "not a DomainError"),
  );
  let settled = false;
  void code.then(() => {
    settled = true;
  });
  while (!settled) await vi.advanceTimersByTimeAsync(10);
  return { code: await code, afterMs: performance.now() - begun };
}

describe("a question to another process", () => {
  it("brings back its answer; many at the same time each their own", async () => {
    const { ask } = await bench({
      request: async ({ name, payload }) => ({ name, payload }),
    });
    const answers = await Promise.all(
      ["one", "two", "three"].map((name) => ask().request({ ...call, name })),
    );
    expect(answers).toEqual(["one", "two", "three"].map((name) => ({ name, payload: call.payload })));
  });

  it("brings back a refusal as it was, with when to come again and who was first", async () => {
    const first = { person: "ann", name: "Ann", at: 5 };
    const { ask } = await bench({
      request: () => Promise.reject(new DomainError("entry_taken", undefined, { retryAfterMs: 7, first })),
    });
    await expect(ask().request(call)).rejects.toMatchObject({ code: "entry_taken", retryAfterMs: 7, first });
  });

  it("says nothing of what broke over there", async () => {
    const { ask } = await bench({ request: () => Promise.reject(new Error("a private detail")) });
    const failed = ask().request(call);
    await expect(failed).rejects.toMatchObject({ code: "internal" });
    await expect(failed).rejects.not.toThrow("private");
  });

  it("is told that the database is away over there, and may be asked again", async () => {
    const away = Object.assign(new Error("a private detail"), { code: "57P03" });
    const { ask } = await bench({ seat: () => Promise.reject(away) });
    await expect(ask().seat({ ref, by })).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: expect.any(Number),
    });
  });

  it("is refused where what comes is not of the form, at either end", async () => {
    const { ask } = await bench({ prepare: async () => done });
    await expect(ask().prepare({ ref, epoch: 1.5 })).rejects.toMatchObject({ code: "internal" });
  });
});

describe("a process that does not answer", () => {
  it("is noticed within half a second when it has died", async () => {
    const { ask, b } = await bench();
    await b.close();
    expect(await b.hears("b")).toBe(false);
    const { code, afterMs } = await refusal(ask().request(call));
    expect(code).toBe("room_closed");
    expect(afterMs).toBeLessThan(500);
  });

  it("is noticed also when it dies while it is at work", async () => {
    const { ask, b } = await bench({ request: () => new Promise(() => {}) });
    const asked = ask().request(call);
    await vi.advanceTimersByTimeAsync(1_000);
    await b.close();
    expect((await refusal(asked)).afterMs).toBeLessThan(500);
  });

  it("is waited for, each call for its time, when it is frozen", async () => {
    const never = () => new Promise<never>(() => {});
    const { ask } = await bench({ request: never, adopt: never, prepare: never });
    const adoption = { ref, epoch: 1, sessions: [], awaited: [] };
    expect(await refusal(ask().prepare({ ref, epoch: 1 }))).toEqual({ code: "room_closed", afterMs: 3_000 });
    expect(await refusal(ask().adopt(adoption))).toEqual({ code: "room_closed", afterMs: 2_000 });
    expect(await refusal(ask().request(call))).toEqual({ code: "room_closed", afterMs: 15_000 });
  });

  it("may answer too late: nobody hears it, and the next question has its own answer", async () => {
    const late = Promise.withResolvers<Done>();
    let asked = 0;
    const { ask } = await bench({
      prepare: () => {
        asked += 1;
        return asked === 1 ? late.promise : Promise.reject(new DomainError("no_process"));
      },
    });
    expect((await refusal(ask().prepare({ ref, epoch: 1 }))).code).toBe("room_closed");
    const second = ask().prepare({ ref, epoch: 1 });
    late.resolve(done);
    await expect(second).rejects.toMatchObject({ code: "no_process" });
  });
});

describe("a line that does not work", () => {
  it("is not waited for when it is known to be down", async () => {
    const { ask, a, state } = await bench();
    state.connected = false;
    expect(a.connected).toBe(false);
    expect(await a.hears("b")).toBeNull();
    await expect(ask().request(call)).rejects.toMatchObject({ code: "room_closed" });
  });

  it("breaks no more than the question, whether it throws or never says anything", async () => {
    const { ask, state } = await bench({ prepare: async () => done });
    state.broken = true;
    await expect(ask().prepare({ ref, epoch: 1 })).rejects.toMatchObject({ code: "room_closed" });
    Object.assign(state, { broken: false, frozen: true });
    expect(await refusal(ask().prepare({ ref, epoch: 1 }))).toEqual({ code: "room_closed", afterMs: 3_000 });
    state.frozen = false;
    expect(await ask().prepare({ ref, epoch: 1 })).toEqual({});
  });

  it("may lose an answer: the question then counts as unanswered", async () => {
    const { ask, state } = await bench({ prepare: async () => done });
    state.loses = (text) => text.includes('"output"');
    expect((await refusal(ask().prepare({ ref, epoch: 1 }))).code).toBe("room_closed");
  });

  it("may bring what nobody understands", async () => {
    const { ask, say } = await bench({ prepare: async () => done });
    for (const noise of [null, 5, "text", {}, { id: 1 }, { id: "x", refusal: 3 }]) await say("b", noise);
    await say("b", { id: "x", from: "a", call: "constructor", input: {} });
    expect(await ask().prepare({ ref, epoch: 1 })).toEqual({});
  });
});
