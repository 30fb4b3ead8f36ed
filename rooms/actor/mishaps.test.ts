import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { z } from "zod";
import { DomainError } from "../../core/domain/errors.ts";
import type { Command, DomainEvent, Recorded } from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { deriveKeys } from "../../core/platform/crypto/data-keys.ts";
import type { JournalEntry } from "../../core/platform/journal/codec.ts";
import type { PartOutcome, RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { RoomOwner } from "../../core/platform/repositories/room-owners.ts";
import { command } from "./request-guards.ts";
import { RoomActor } from "./room-actor.ts";
import type { RoomKind } from "./room-kind.ts";
import { createTimerWheel } from "./timer-wheel.ts";

/** A room that counts steps; some of them have something wrong with them. */
type Step = "sound" | "undecidable" | "half" | "unshowable";
interface Counted {
  readonly steps: number;
  readonly last: Step | null;
}
interface Walk extends Command {
  readonly step: Step;
}
interface Walked extends DomainEvent {
  readonly step: Step;
}
const isWalk = (given: Command): given is Walk => given.name === "walk";
const isWalked = (given: DomainEvent): given is Walked => given.type === "walked";
const walked = (step: Step): Walked => ({ type: "walked", step });
const steps = z.enum(["sound", "undecidable", "half", "unshowable"]);

const walk: RoomKind<Counted> = {
  name: "chat",
  behaviour: {
    initial: { steps: 0, last: null },
    decide: (_, asked) => {
      if (!isWalk(asked)) return null;
      if (asked.step === "undecidable") throw new Error("this cannot be decided");
      const events = asked.step === "half" ? [walked("sound"), walked("half")] : [walked(asked.step)];
      return { ok: true, events };
    },
    evolve: (state, { event }) => {
      if (!isWalked(event)) return state;
      if (event.step === "half") throw new Error("this leads nowhere");
      return { steps: state.steps + 1, last: event.step };
    },
    due: () => null,
    errands: () => [],
  },
  requests: {
    walk: command({
      schema: z.strictObject({ id: z.string(), step: steps, slowly: z.boolean().default(false) }),
      prepare: ({ id, step, slowly }) => {
        const asked: Walk = { name: "walk", id, step };
        return slowly ? Promise.resolve(asked) : asked;
      },
    }),
  },
  authorise: () => null,
  indexes: () => ({ members: [], cursors: [] }),
  store: (root) => root,
  restore: (stored) => z.object({ steps: z.number(), last: steps.nullable() }).parse(stored),
};

const ref = { kind: "chat", id: "walk" } as const;
const anna: Principal = { org: "clinic", id: "anna", name: "Anna", roles: ["clinician"], session: "s" };
type Outcome = Exclude<PartOutcome, "locked">;

/** A room over a journal in memory, of which each append goes as it is told. */
function bench(append: (write: () => Outcome, n: number) => Promise<Outcome>, patienceMs = 600_000) {
  const written: JournalEntry[] = [];
  const shown: number[] = [];
  const order: string[] = [];
  let owner: RoomOwner = {
    org: "clinic",
    keyId: "k",
    epoch: 1,
    nextSeq: 1,
    process: "p",
    incarnation: "chat-walk_1",
  };
  let away: Error | null = null;
  let appends = 0;
  const answering = async <T>(answer: () => T): Promise<T> => {
    if (away) throw away;
    return answer();
  };
  const write = (part: RoomPart): Outcome => {
    if (part.epoch !== owner.epoch || part.firstSeq !== written.length + 1) return "stale";
    written.push(...part.entries);
    return "appended";
  };
  const wheel = createTimerWheel();
  const actor = new RoomActor(
    walk,
    {
      ref,
      org: "clinic",
      key: deriveKeys("k", randomBytes(32)),
      claim: { epoch: 1, incarnation: "chat-walk_1" },
      state: walk.behaviour.initial,
      seq: 0,
      lastAt: 0,
    },
    {
      process: "p",
      commits: {
        append: async (part) => {
          appends += 1;
          const leaving = part();
          return append(() => write(leaving), appends);
        },
        stats: { batches: 0, parts: 0, waiting: 0 },
      },
      journal: {
        append: () => Promise.reject(new Error("appends go together")),
        read: (_, after) => answering(() => written.slice(after)),
        findCommands: () => answering(() => []),
      },
      owners: {
        create: async () => false,
        find: () => answering(() => owner),
        claim: (_, { epoch }) =>
          answering(() => {
            if (owner.epoch !== epoch) return null;
            owner = { ...owner, epoch: epoch + 1 };
            return owner;
          }),
        release: async () => {},
        held: async () => [],
        list: async () => [],
      },
      snapshots: { latest: async () => null, save: async () => {} },
      clock: { now: () => Date.now() },
      wheel,
      log: createLogger({ level: "silent" }),
      deliver: () => Promise.reject(new DomainError("room_not_found")),
      patienceMs,
    },
    {
      committed: (events: readonly Recorded[], { last }) => {
        order.push("shown");
        shown.push(...events.map(({ seq }) => seq));
        if (last === "unshowable") throw new Error("this cannot be shown");
      },
      closed: (reason) => order.push(`closed: ${reason}`),
    },
  );
  let n = 0;
  return {
    actor,
    shown,
    order,
    walk: (step: Step, slowly = false) => {
      n += 1;
      return actor.request(anna, "walk", { id: `n${n}`, step, slowly });
    },
    lose: (error: Error | null) => {
      away = error;
    },
  };
}

const soundly = async (write: () => Outcome): Promise<Outcome> => write();
const turns = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

it("whoever waits while it is found out what became of an append is told that the room ends", async () => {
  const room = bench(async () => {
    throw new Error("the connection broke");
  });
  room.lose(new Error("the database is away"));
  const asked = room.walk("sound").catch((error: unknown) => error);
  await turns();
  const held = room.walk("sound").catch((error: unknown) => error);
  room.actor.end("fenced");
  expect(await asked).toMatchObject({ code: "room_closed" });
  expect(await held).toMatchObject({ code: "room_closed" });
  room.lose(null);
  await turns();
  expect(room.order).toEqual(["closed: fenced"]);
});

it("a room that has ended shows nothing of what it finds out afterwards", async () => {
  const room = bench(async (write) => {
    write();
    throw new Error("the connection broke after the commit");
  });
  const asked = room.walk("sound").catch((error: unknown) => error);
  await Promise.resolve();
  await Promise.resolve();
  room.actor.end("fenced");
  expect(await asked).toMatchObject({ code: "room_closed" });
  await turns();
  expect(room.order).toEqual(["closed: fenced"]);
});

it("what cannot be shown is durable all the same: whoever asked is answered, and the room goes on", async () => {
  const room = bench(soundly);
  expect(await room.walk("unshowable")).toMatchObject({ seq: 1 });
  expect(await room.walk("sound")).toMatchObject({ seq: 2 });
  expect(room.shown).toEqual([1, 2]);
});

it.each([false, true])(
  "a command that cannot be decided is refused alone (looked up: %s)",
  async (slowly) => {
    const room = bench(soundly);
    const [first, wrong, half, last] = await Promise.allSettled([
      room.walk("sound", slowly),
      room.walk("undecidable", slowly),
      room.walk("half", slowly),
      room.walk("sound", slowly),
    ]);
    expect([first, last]).toMatchObject([{ value: { seq: 1 } }, { value: { seq: 2 } }]);
    expect([wrong, half]).toMatchObject([{ status: "rejected" }, { status: "rejected" }]);
    expect(room.actor.state.steps).toBe(2);
    expect(await room.actor.freeze(1_000)).toEqual({ epoch: 1, seq: 2 });
  },
);

it("whoever waited in vain for the database is told why, in the error's cause", async () => {
  const room = bench(async () => {
    throw new Error("the connection broke");
  }, 20);
  const cause = new Error("the database is away");
  room.lose(cause);
  expect(await room.walk("sound").catch((error: unknown) => error)).toMatchObject({
    code: "unavailable",
    cause,
  });
  room.actor.end("fenced");
});

it("stands still only with nothing under way, and takes what was put off when it goes on", async () => {
  const gate = Promise.withResolvers<void>();
  const room = bench(async (write, n) => {
    if (n === 1) await gate.promise;
    return write();
  });
  const first = room.walk("sound");
  const late = await room.actor.freeze(10);
  expect(late).toBeNull();
  const frozen = room.actor.freeze(60_000);
  gate.resolve();
  expect(await frozen).toEqual({ epoch: 1, seq: 1 });
  expect(await first).toMatchObject({ seq: 1 });
  await expect(room.walk("sound")).rejects.toMatchObject({ code: "room_closed" });
  expect(await room.actor.thaw()).toBe(true);
  expect(room.actor.epoch).toBe(2);
});

it("does not come back to life when it ended while it was claimed again", async () => {
  const room = bench(soundly);
  await room.actor.freeze(1_000);
  const thawed = room.actor.thaw();
  room.actor.end("fenced");
  expect(await thawed).toBe(false);
  await expect(room.walk("sound")).rejects.toMatchObject({ code: "room_closed" });
});
