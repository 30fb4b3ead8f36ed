import { describe, expect, it } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { systemPrincipal } from "../../core/domain/principal.ts";
import { Gate } from "../socket/gate.ts";
import type { AwakeRoom } from "./awake-rooms.ts";
import type { Adoption, Done, ProcessCalls } from "./bus.ts";
import { handOff } from "./hand-off.ts";

const by = systemPrincipal("clinic");
const ref = { kind: "chat", id: "c" } as const;
const done: Done = {};
const lost = () => new DomainError("room_closed");

/** What an attempt to adopt does instead of succeeding, given how to succeed. */
type Mishap = (adopt: () => void) => void;

interface Script {
  readonly prepare?: () => Promise<Done>;
  readonly standsStill?: boolean;
  /** One an attempt; those after the last succeed. */
  readonly adopt?: readonly Mishap[];
  /** So often the database does not answer when the room is claimed back. */
  readonly away?: number;
}

/** A room, the process that it is to go to, and the row that says whose it is. */
function bench({ prepare = async () => done, standsStill = true, adopt = [], away = 0 }: Script = {}) {
  const row = { owner: "here", epoch: 5 };
  const gate = new Gate();
  const answered: string[] = [];
  const told: string[] = [];
  const mishaps = [...adopt];
  let failures = away;
  let ended = false;
  let arrived = false;
  let standby = false;
  let held: Promise<unknown> = Promise.resolve();

  const claim = (owner: string, epoch: number): boolean => {
    if (row.epoch !== epoch) return false;
    Object.assign(row, { owner, epoch: epoch + 1 });
    return true;
  };
  const request = (name: string) =>
    gate.pass({ ref, by, name, payload: {} }, async () => {
      if (ended) throw lost();
      answered.push(`${name} here`);
      return {};
    });
  const room: AwakeRoom = {
    ref,
    epoch: 5,
    connected: 1,
    callers: 0,
    isFragile: false,
    request: (_, name) => request(name),
    reserve: () => Promise.reject(lost()),
    seal: async () => {},
    verify: async () => {},
    freeze: async () => {
      if (!standsStill) return null;
      gate.close();
      held = request("held").catch(() => answered.push("held refused"));
      return { epoch: 5, seq: 1, sessions: [{ sessionId: "s", auth: by }], awaited: ["bob"] };
    },
    thaw: async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("the database is away");
      const ours = row.owner === "here" && claim("here", row.epoch);
      if (ours) gate.open();
      return ours;
    },
    leaveTo: (seats, forward) => {
      ended = true;
      told.push(...seats.map(({ processId }) => `seat at ${processId}`));
      gate.leadTo(forward);
    },
    leave: () => {
      ended = true;
      told.push("join again");
      gate.open();
    },
  };
  const take = ({ epoch }: Pick<Adoption, "epoch">): void => {
    if (arrived) return;
    if (!standby || !claim("there", epoch)) throw lost();
    arrived = true;
  };
  const refuse = () => Promise.reject(lost());
  const target: ProcessCalls = {
    wake: refuse,
    seat: refuse,
    move: refuse,
    request: async ({ name }) => {
      if (!arrived) throw lost();
      answered.push(`${name} there`);
      return {};
    },
    prepare: async () => {
      standby = true;
      return prepare();
    },
    adopt: async (adoption) => {
      const attempt = () => take(adoption);
      const mishap = mishaps.shift() ?? ((now) => now());
      mishap(attempt);
      return adoption.sessions.map(({ sessionId }) => ({
        name: "chat",
        sessionId,
        roomId: "chat-c_6",
        processId: "there",
      }));
    },
    abandon: async () => {
      if (!arrived) standby = false;
      return done;
    },
  };
  return {
    room,
    target,
    row,
    answered,
    told,
    request,
    moved: (insistMs = 10_000) => handOff(room, target, { insistMs }),
    settled: () => held,
    standby: () => standby && !arrived,
    /** Who would answer a request. */
    serving: () => [...(ended ? [] : ["here"]), ...(arrived ? ["there"] : [])],
    /** An answer of the target that comes after everything is over. */
    late: (epoch: number) => {
      standby = true;
      return () => take({ epoch });
    },
  };
}

const before: Mishap = () => {
  throw lost();
};
const after: Mishap = (adopt) => {
  adopt();
  throw lost();
};

/** Exactly one serves it: the one whom the database has for its owner. */
function expectOneOwner({ serving, row }: ReturnType<typeof bench>, owner: string): void {
  expect(serving()).toEqual([owner]);
  expect(row.owner).toBe(owner);
}

describe("a room that is handed over", () => {
  it("goes, its people are told of their seats, and what was held is answered there, once", async () => {
    const all = bench();
    expect(await all.moved()).toMatchObject({ seats: 1 });
    await all.settled();
    expectOneOwner(all, "there");
    expect(all.told).toEqual(["seat at there"]);
    expect(all.answered).toEqual(["held there"]);
    await all.request("later");
    expect(all.answered).toEqual(["held there", "later there"]);
  });

  it("is not touched when the other does not get ready", async () => {
    const all = bench({ prepare: () => Promise.reject(new DomainError("no_process")) });
    await expect(all.moved()).rejects.toMatchObject({ code: "no_process" });
    expectOneOwner(all, "here");
    await all.request("meanwhile");
    expect([all.row.epoch, all.answered]).toEqual([5, ["meanwhile here"]]);
  });

  it("leaves nothing ready there when the other's answer was lost, so that it can be tried again", async () => {
    const all = bench({ prepare: () => Promise.reject(lost()) });
    await expect(all.moved()).rejects.toMatchObject({ code: "room_closed" });
    expect(all.standby()).toBe(false);
  });

  it("goes on here, unclaimed, when it does not come to a stand in time", async () => {
    const all = bench({ standsStill: false });
    await expect(all.moved()).rejects.toMatchObject({ code: "busy" });
    expectOneOwner(all, "here");
    expect([all.row.epoch, all.standby()]).toEqual([5, false]);
  });

  it("is claimed back when it was refused, and what was held is answered here, once", async () => {
    const all = bench({ adopt: [before] });
    await expect(all.moved()).rejects.toMatchObject({ code: "room_closed" });
    await all.settled();
    expectOneOwner(all, "here");
    expect([all.row.epoch, all.answered, all.told]).toEqual([6, ["held here"], []]);
    expect(all.standby()).toBe(false);
  });

  it("stays here when the other comes to it only after it was claimed back", async () => {
    const all = bench({ adopt: [before] });
    await expect(all.moved()).rejects.toThrow();
    expect(all.late(5)).toThrow();
    expectOneOwner(all, "here");
  });

  it("is there when the claim took effect and the answer was lost: asked again, it says where", async () => {
    const all = bench({ adopt: [after] });
    expect(await all.moved()).toMatchObject({ seats: 1 });
    await all.settled();
    expectOneOwner(all, "there");
    expect([all.answered, all.told]).toEqual([["held there"], ["seat at there"]]);
  });

  it("is asked for as long as the way to it may need to be found again", async () => {
    const all = bench({ adopt: [after, before, before, before] });
    expect(await all.moved()).toMatchObject({ seats: 1 });
    await all.settled();
    expectOneOwner(all, "there");
    expect([all.answered, all.told]).toEqual([["held there"], ["seat at there"]]);
  });

  it("is there also when that is never said: its people join again, and what was held is refused once", async () => {
    const all = bench({ adopt: [after, before] });
    expect(await all.moved(0)).toMatchObject({ seats: 0 });
    await all.settled();
    expectOneOwner(all, "there");
    expect([all.answered, all.told]).toEqual([["held refused"], ["join again"]]);
  });

  it.each([
    ["here", before],
    ["there", after],
  ])("waits for a database that is away, which then decides: %s", async (owner, mishap) => {
    const all = bench({ adopt: [mishap], away: 3 });
    await all.moved().catch(() => {});
    await all.settled();
    expectOneOwner(all, owner);
    expect(all.answered).toEqual([`held ${owner}`]);
  });
});
