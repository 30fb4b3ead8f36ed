import { createSecretKey, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { DomainError, rejection } from "../../core/domain/errors.ts";
import {
  accept,
  type Command,
  compose,
  type DomainEvent,
  type Due,
  type Feature,
  mount,
  refuse,
} from "../../core/domain/feature.ts";
import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createGroupCommit } from "../../core/platform/journal/group-commit.ts";
import { createJournalStore, type JournalStore } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createSnapshots } from "../../core/platform/repositories/snapshots.ts";
import { openInMemory } from "../../test/support/in-memory.ts";
import { activate } from "./activation.ts";
import type { ActorPorts } from "./actor-ports.ts";
import { command, query } from "./request-guards.ts";
import type { RoomActor } from "./room-actor.ts";
import type { RoomKind } from "./room-kind.ts";
import { unwatched } from "./room-watch.ts";
import { createTimerWheel, type TimerWheel } from "./timer-wheel.ts";

/** A room that counts, and rings once when it was wound up. */
interface Bell {
  readonly count: number;
  readonly ringAt: number | null;
  readonly rings: number;
}
interface Id {
  readonly id: string | null;
}
type BellCommand =
  | (Id & { readonly name: "bell.add"; readonly by: number })
  | (Id & { readonly name: "bell.wind"; readonly at: number })
  | (Id & { readonly name: "bell.ring" });
type BellEvent =
  | { readonly type: "bell.added"; readonly by: number }
  | { readonly type: "bell.wound"; readonly at: number }
  | { readonly type: "bell.rung" };

const owns = (name: string) => name.startsWith("bell.");
const id = z.string();
const still: Bell = { count: 0, ringAt: null, rings: 0 };
const feature: Feature<Bell, BellCommand, BellEvent> = {
  name: "bell",
  initial: still,
  ownsCommand: (given: Command): given is BellCommand => owns(given.name),
  ownsEvent: (given: DomainEvent): given is BellEvent => owns(given.type),
  decide: (state, asked) => {
    if (asked.name === "bell.wind") return accept({ type: "bell.wound", at: asked.at });
    if (asked.name === "bell.ring") return accept({ type: "bell.rung" });
    if (state.count + asked.by > 1_000) return refuse(rejection("forbidden"));
    return asked.by === 0 ? accept() : accept({ type: "bell.added", by: asked.by });
  },
  evolve: (state, { event }) => {
    if (event.type === "bell.added") return { ...state, count: state.count + event.by };
    if (event.type === "bell.wound") return { ...state, ringAt: event.at };
    return { ...state, ringAt: null, rings: state.rings + 1 };
  },
  due: ({ ringAt }): Due<BellCommand> | null =>
    ringAt === null ? null : { at: ringAt, command: { name: "bell.ring", id: `ring-${ringAt}` } },
};
const bell: RoomKind<Bell> = {
  name: "chat",
  behaviour: compose(still, [mount(feature, { get: (root: Bell) => root, set: (_, state) => state })]),
  requests: {
    "bell.add": command({
      schema: z.strictObject({ id, by: z.number() }),
      prepare: (payload) => ({ name: "bell.add", ...payload }) satisfies BellCommand,
    }),
    "bell.wind": command({
      schema: z.strictObject({ id, at: z.number() }),
      prepare: (payload) => ({ name: "bell.wind", ...payload }) satisfies BellCommand,
    }),
    "bell.look": query({
      schema: z.strictObject({}),
      authorise: () => null,
      answer: async (_, { state }: { readonly state: Bell }) => ({ count: state.count }),
    }),
    "bell.stream": command({
      schema: z.strictObject({ by: z.number() }),
      prepare: ({ by }) => ({ name: "bell.add", id: null, by }) satisfies BellCommand,
      coalesce: { everyMs: 60, merge: (_, later) => later },
    }),
  },
  authorise: () => null,
  indexes: () => ({ members: [], cursors: [] }),
  store: (root) => root,
  restore: (snapshot) =>
    z.object({ count: z.number(), ringAt: z.number().nullable(), rings: z.number() }).parse(snapshot),
};

const anna: Principal = { org: "clinic", id: "anna", name: "Anna", roles: ["clinician"], session: "s" };
const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));

let database: Database;
let wheel: TimerWheel;
let ref: RoomRef;
let rooms = 0;

beforeAll(async () => {
  database = await openInMemory();
});
afterAll(() => database.close());
beforeEach(() => {
  wheel = createTimerWheel();
  rooms += 1;
  ref = { kind: "chat", id: `bell-${rooms}` };
});
afterEach(() => wheel.stop());

/** Wakes the room as a process would; `spoil` stands between it and its journal. */
async function wake(
  spoil: (store: JournalStore) => JournalStore = (store) => store,
  ports: Partial<Pick<ActorPorts, "process" | "patienceMs" | "clock" | "watch" | "log">> = {},
) {
  const { db, tenants } = database;
  const journal = spoil(createJournalStore(database));
  const keys = createDataKeys(tenants, ring);
  const owners = createRoomOwners(db);
  const key = await keys.ensure({ org: "clinic", scope: "room", subject: ref.id });
  await owners.create(ref, "clinic", key.id);
  const seen: number[] = [];
  const shown = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<string>();
  const { actor } = await activate(
    bell,
    ref,
    {
      process: "p",
      journal,
      keys,
      owners,
      wheel,
      commits: createGroupCommit(journal),
      snapshots: createSnapshots(db),
      clock: { now: () => Date.now() },
      deliver: () => Promise.reject(new DomainError("room_not_found")),
      log: createLogger({ level: "silent" }),
      ...ports,
    },
    {
      committed: (events, { rings }) => {
        seen.push(...events.map(({ seq }) => seq));
        if (rings > 0) shown.resolve();
      },
      closed: closed.resolve,
    },
  );
  return { actor, seen, rung: shown.promise, closed: closed.promise };
}

const add = (actor: RoomActor<Bell>, name: string, by = 1) =>
  actor.request(anna, "bell.add", { id: name, by });

describe("a room actor", () => {
  it("answers with the seq under which the command is durable, and shows events in that order", async () => {
    const { actor, seen } = await wake();
    const replies = await Promise.all(["a", "b", "c"].map((name) => add(actor, name)));
    expect(replies.map((reply) => ("seq" in reply ? reply.seq : null))).toEqual([1, 2, 3]);
    expect(seen).toEqual([1, 2, 3]);
    expect(actor.state.count).toBe(3);
  });

  it("gives a repeat its first result, and refuses another body under the same id", async () => {
    const { actor } = await wake();
    const first = await add(actor, "a");
    expect(await add(actor, "a")).toEqual(first);
    await expect(add(actor, "a", 2)).rejects.toMatchObject({ code: "command_conflict" });
    const next = await wake();
    expect(await add(next.actor, "a")).toEqual(first);
    await expect(add(next.actor, "a", 2)).rejects.toMatchObject({ code: "command_conflict" });
    expect(next.actor.state.count).toBe(1);
  });

  it("gives a repeat its first result also where it could not be done again, or would change nothing", async () => {
    const { actor } = await wake();
    const last = await add(actor, "all", 1_000);
    const wound = await actor.request(anna, "bell.wind", { id: "off", at: Date.now() + 60_000 });
    const next = await wake();
    expect(await add(next.actor, "all", 1_000)).toEqual(last);
    await expect(add(next.actor, "more", 1_000)).rejects.toMatchObject({ code: "forbidden" });
    expect(
      await next.actor.request(anna, "bell.wind", { id: "off", at: 0 }).catch((error) => error),
    ).toMatchObject({
      code: "command_conflict",
    });
    expect(wound).toMatchObject({ seq: 2 });
  });

  it("keeps an id for whoever comes next when the request that used it came to nothing", async () => {
    const { actor } = await wake();
    const refused = add(actor, "a", 2_000);
    const sound = add(actor, "a", 5);
    await expect(refused).rejects.toMatchObject({ code: "forbidden" });
    expect(await sound).toMatchObject({ seq: 1 });
  });

  it("forgets a refused command, so that its id may be used again", async () => {
    const { actor } = await wake();
    await expect(add(actor, "a", 2_000)).rejects.toMatchObject({ code: "forbidden" });
    expect(await add(actor, "a", 5)).toMatchObject({ seq: 1 });
  });

  it("refuses what is unknown, malformed, or from another organisation, and nothing changes", async () => {
    const { actor } = await wake();
    const ask = (name: string, payload: unknown, by = anna) => actor.request(by, name, payload);
    await expect(ask("bell.smash", {})).rejects.toMatchObject({ code: "unknown_request" });
    await expect(ask("toString", {})).rejects.toMatchObject({ code: "unknown_request" });
    await expect(ask("bell.add", JSON.parse('{"id":"x","by":1,"__proto__":{}}'))).rejects.toMatchObject({
      code: "invalid_payload",
    });
    await expect(ask("bell.add", { id: "x", by: Number.NaN })).rejects.toMatchObject({
      code: "invalid_payload",
    });
    await expect(ask("bell.add", { id: "x", by: 1 }, { ...anna, org: "other" })).rejects.toMatchObject({
      code: "room_not_found",
    });
    expect(actor.seq).toBe(0);
  });

  it("answers what changes nothing without asking the journal", async () => {
    let appends = 0;
    const { actor } = await wake((store) => ({
      ...store,
      append: (parts) => {
        appends += 1;
        return store.append(parts);
      },
    }));
    expect(await add(actor, "nothing", 0)).toMatchObject({ seq: 0 });
    expect(appends).toBe(0);
    await Promise.all([add(actor, "one"), add(actor, "nothing more", 0)]);
    expect(appends).toBe(1);
  });

  it("answers and refuses nothing by what is not durable, neither while nor when it never will be", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let asked = 0;
    const { actor } = await wake((store) => ({
      ...store,
      append: async (parts) => {
        asked += 1;
        await gates[asked - 1]?.promise;
        return store.append(parts);
      },
    }));
    const order: string[] = [];
    const noting = (name: string, request: Promise<object>) =>
      request.then(
        () => order.push(`${name} done`),
        (error) => order.push(`${name} ${error.code}`),
      );
    const first = [noting("most", add(actor, "most", 999)), noting("much", add(actor, "much", 2))];
    await expect.poll(() => asked).toBe(1);
    expect(await actor.request(anna, "bell.look", {})).toEqual({ count: 0 });
    expect(order).toEqual([]);
    gates[0]?.resolve();
    await Promise.all(first);
    expect(order).toEqual(["most done", "much forbidden"]);

    const second = [noting("last", add(actor, "last", 1)), noting("more", add(actor, "more", 1))];
    await expect.poll(() => asked).toBe(2);
    await wake();
    gates[1]?.resolve();
    await Promise.all(second);
    expect(order.slice(2)).toEqual(["last room_closed", "more room_closed"]);
  });

  it("closes when another process has claimed the room, and has written nothing", async () => {
    const old = await wake();
    const owner = await wake();
    await expect(add(old.actor, "a")).rejects.toMatchObject({ code: "room_closed" });
    expect(await old.closed).toBe("fenced");
    expect(await add(owner.actor, "a")).toMatchObject({ seq: 1 });
    expect(old.seen).toEqual([]);
  });

  it("finds out what became of an append whose answer was lost, and loses and doubles nothing", async () => {
    let losses = 2;
    const { actor, seen } = await wake((store) => ({
      ...store,
      append: async (parts) => {
        const outcomes = await store.append(parts);
        losses -= 1;
        if (losses >= 0) throw new Error("the connection broke after the commit");
        return outcomes;
      },
    }));
    const replies = await Promise.all(["a", "b", "c"].map((name) => add(actor, name)));
    expect(replies.map((reply) => ("seq" in reply ? reply.seq : null))).toEqual([1, 2, 3]);
    expect(seen).toEqual([1, 2, 3]);
    expect(actor.epoch).toBeGreaterThan(1);
  });

  it("tells whoever measures what it does, and its log under which epoch", async () => {
    const told: string[] = [];
    const lines: Record<string, unknown>[] = [];
    const logged = Promise.withResolvers<void>();
    let losses = 1;
    const { actor } = await wake(
      (store) => ({
        ...store,
        append: async (parts) => {
          const outcomes = await store.append(parts);
          losses -= 1;
          if (losses >= 0) throw new Error("the connection broke after the commit");
          return outcomes;
        },
      }),
      {
        watch: {
          ...unwatched,
          woken: (_, replaced) => told.push(`woken ${replaced}`),
          mended: (ours) => told.push(`mended ${ours}`),
          acknowledged: (afterMs) => told.push(`acknowledged ${afterMs > 0}`),
        },
        log: createLogger({
          level: "warn",
          destination: {
            write: (line) => {
              lines.push(JSON.parse(line));
              if (lines.length === 2) logged.resolve();
            },
          },
        }),
      },
    );
    const tooMuch = { name: "bell.add", id: null, by: 2_000 } satisfies BellCommand;
    actor.note(tooMuch);
    await expect.poll(() => lines).toHaveLength(1);
    await add(actor, "a");
    actor.note(tooMuch);
    await logged.promise;
    expect(told).toEqual(["woken false", "mended true", "acknowledged true"]);
    expect(lines).toMatchObject([
      { ...ref, epoch: 1, command: "bell.add" },
      { ...ref, epoch: 2, command: "bell.add" },
    ]);
    const watch = {
      ...unwatched,
      woken: (_: number, replaced: boolean) => void told.push(`woken ${replaced}`),
    };
    await wake(undefined, { watch });
    await wake(undefined, { watch, process: "another" });
    expect(told.slice(3)).toEqual(["woken false", "woken true"]);
  });

  it("keeps commands through a failing database, and then does them in order", async () => {
    let failures = 3;
    const { actor, seen } = await wake((store) => ({
      ...store,
      append: (parts) => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error("the database is away")) : store.append(parts);
      },
    }));
    const replies = await Promise.all(["a", "b"].map((name) => add(actor, name)));
    expect(replies.map((reply) => ("seq" in reply ? reply.seq : null))).toEqual([1, 2]);
    expect(seen).toEqual([1, 2]);
  });

  it("lets whoever waited too long repeat, also while nothing is mended, and does it once", async () => {
    let away = false;
    const gone = () => Promise.reject(new Error("the database is away"));
    const { actor, seen } = await wake(
      (store) => ({
        ...store,
        append: (parts) => (away ? gone() : store.append(parts)),
        read: (...asked) => (away ? gone() : store.read(...asked)),
      }),
      { patienceMs: 30 },
    );
    let told = 0;
    const insist = async (name: string): Promise<object> => {
      try {
        return await add(actor, name);
      } catch (error) {
        expect(error).toMatchObject({ code: "unavailable" });
        told += 1;
        away = told < 4;
        return insist(name);
      }
    };
    away = true;
    const replies = await Promise.all([insist("a"), insist("b")]);
    expect(told).toBeGreaterThanOrEqual(4);
    expect(replies).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(actor.state.count).toBe(2);
    expect(seen).toEqual([1, 2]);
  });

  it("does once what waited for a failing database while the room was to be handed over, and did not go", async () => {
    let away = false;
    const gone = () => Promise.reject(new Error("the database is away"));
    const { actor, seen } = await wake((store) => ({
      ...store,
      append: (parts) => (away ? gone() : store.append(parts)),
      read: (...asked) => (away ? gone() : store.read(...asked)),
    }));
    away = true;
    const first = add(actor, "a");
    // The first one's append has failed by then, so the second is held until it is known what became of it.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const second = add(actor, "b");
    expect(await actor.freeze(30)).toBeNull();
    away = false;
    expect(await Promise.all([first, second])).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(await add(actor, "c")).toMatchObject({ seq: 3 });
    expect(seen).toEqual([1, 2, 3]);
  });

  it("says busy when more is waiting than it holds, and when to come again", async () => {
    const gate = Promise.withResolvers<void>();
    const { actor } = await wake((store) => ({
      ...store,
      append: async (parts) => {
        await gate.promise;
        return store.append(parts);
      },
    }));
    const asked = Array.from({ length: 300 }, (_, i) => add(actor, `n${i}`));
    const outcomes = Promise.allSettled(asked);
    await expect(asked[299]).rejects.toMatchObject({ code: "busy", retryAfterMs: expect.any(Number) });
    gate.resolve();
    const accepted = (await outcomes).filter(({ status }) => status === "fulfilled");
    expect(accepted).toHaveLength(256);
    expect(actor.state.count).toBe(256);
  });

  it("does what is due by itself, once, also when it slept in the meantime", async () => {
    const first = await wake();
    await first.actor.request(anna, "bell.wind", { id: "w", at: Date.now() + 50 });
    await first.rung;
    expect(first.actor.state).toMatchObject({ rings: 1, ringAt: null });

    const at = Date.now() + 100;
    await first.actor.request(anna, "bell.wind", { id: "w2", at });
    await first.actor.seal();
    const due = await database.db
      .selectFrom("room_due")
      .select("at")
      .where("id", "=", ref.id)
      .executeTakeFirst();
    expect(due?.at).toBe(at);
    const second = await wake();
    await expect.poll(() => second.actor.state.rings).toBe(2);
    expect(await database.db.selectFrom("room_due").where("id", "=", ref.id).selectAll().execute()).toEqual(
      [],
    );
  });

  it("keeps the time of what is due for whoever wakes it, also after one that was never written", async () => {
    let away = false;
    const gone = () => Promise.reject(new Error("the database is away"));
    const { actor } = await wake(
      (store) => ({
        ...store,
        append: (parts) => (away ? gone() : store.append(parts)),
        read: (...asked) => (away ? gone() : store.read(...asked)),
      }),
      { patienceMs: 30 },
    );
    const at = Date.now() + 60_000;
    const wind = (name: string) => actor.request(anna, "bell.wind", { id: name, at });
    away = true;
    await expect(wind("lost")).rejects.toMatchObject({ code: "unavailable" });
    away = false;
    await add(actor, "nothing", 0);
    await wind("kept");
    const { db } = database;
    const dues = await db.selectFrom("room_due").select("at").where("id", "=", ref.id).execute();
    expect(dues).toEqual([{ at }]);
  });

  it("never goes back in time, also when it slept and the clock was set back", async () => {
    const { actor } = await wake();
    const before = await add(actor, "before");
    await actor.seal();
    const { actor: woken } = await wake(undefined, { clock: { now: () => Date.now() - 3_600_000 } });
    expect(await add(woken, "after")).toMatchObject({ seq: 2, at: "at" in before ? before.at : 0 });
  });

  it("merges a stream of requests into few commands and answers all of them", async () => {
    const { actor } = await wake();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => actor.request(anna, "bell.stream", { by: 1 })),
    );
    expect(replies).toHaveLength(10);
    expect(actor.state.count).toBe(2);
  });

  it("wakes from its snapshot and what came after it as it was", async () => {
    const { actor } = await wake();
    for (let i = 0; i < 3; i += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => add(actor, `${i}-${n}`)));
    }
    await actor.seal();
    await expect(add(actor, "late")).rejects.toMatchObject({ code: "room_closed" });
    const woken = await wake();
    expect(woken.actor.state).toEqual(actor.state);
    expect(woken.actor.seq).toBe(300);
    await add(woken.actor, "next");
    const again = await wake();
    expect(again.actor.state.count).toBe(301);
  });
});
