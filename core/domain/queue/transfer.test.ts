import { describe, expect, it } from "vitest";
import type { Errand, ErrandOutcome } from "../feature.ts";
import { minute } from "../testing/played-room.ts";
import { setBackBy } from "./order.ts";
import { transferLimit } from "./state.ts";
import { anna, ben, desk, engine, ito } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

/** Two queues, and a patient on the way from one to the other. */
function underWay() {
  const from = new PlayedQueue({}, "desk");
  const to = new PlayedQueue({}, "eyes");
  const entry = from.join(anna);
  from.join(ben);
  tick(from, to, 10 * minute);
  const press = { name: "queue.transfer", entry, transfer: "t1", to: "eyes", known: true } as const;
  expect(from.ask(ito, press)).toBe("leaving");
  return { from, to, entry, press };
}

function tick(from: PlayedQueue, to: PlayedQueue, ms: number): void {
  from.now += ms;
  to.now += ms;
}

/** The errand is done in the other room, as the engine would. */
function deliver(errand: Errand, to: PlayedQueue): ErrandOutcome {
  const command = { ...errand.payload, name: errand.name, id: errand.id };
  const answer = to.room.ask(engine, command, to.now);
  return answer.ok ? { ok: true } : answer;
}

function settle(from: PlayedQueue, errand: Errand, outcome: ErrandOutcome): string {
  const command = errand.settle(outcome);
  if (!command) return "nothing";
  const answer = from.room.ask(engine, command, from.now, command.name);
  return answer.ok ? answer.events.map(({ event }) => event.type).join(" ") : answer.rejection.code;
}

function only(queue: PlayedQueue): Errand {
  const [errand, ...others] = queue.room.errands;
  if (!errand || others.length > 0) throw new Error(`${others.length + 1} errands`);
  return errand;
}

const refused = (code: "queue_closed" | "unavailable") =>
  ({ ok: false, rejection: { code, message: "" } }) as const;

describe("a transfer", () => {
  it("leaves the source once it has arrived in the target, with the waiting time", () => {
    const { from, to, entry } = underWay();
    const since = from.entry(anna)?.waitingSince;
    expect(from.entry(anna)).toMatchObject({ status: "leaving", leaving: { phase: "going", tries: 0 } });
    expect(from.line).toEqual(["anna", "ben"]);
    tick(from, to, 10);
    const errand = only(from);
    expect(errand).toMatchObject({ to: { kind: "waiting", id: "eyes" }, name: "queue.arrive" });
    expect(deliver(errand, to)).toEqual({ ok: true });
    expect(to.entry(anna)).toMatchObject({
      id: entry,
      status: "waiting",
      waitingSince: since,
      joinedAt: to.now,
      offlineSince: to.now,
    });
    expect(settle(from, errand, { ok: true })).toBe("queue.left");
    expect(from.line).toEqual(["ben"]);
    expect(from.room.errands).toEqual([]);
    expect(from.state.departed.at(-1)).toMatchObject({
      how: "transferred",
      to: "eyes",
      by: { person: "ito" },
    });
    expect(from.state.tallies.at(-1)).toMatchObject({ joined: 2, abandoned: 0, admitted: 0 });
  });

  it("takes the place in the target that the waiting time deserves, and tells whom it sets back", () => {
    const { from, to } = underWay();
    to.join(ben);
    deliver(only(from), to);
    expect(to.line).toEqual(["anna", "ben"]);
    const entry = to.entry(ben);
    expect(entry && setBackBy(to.state, entry)).toMatchObject({ why: "transfer", from: null });
  });

  it("is not acted on meanwhile, and whoever tries is told by whom", () => {
    const { from, entry, press } = underWay();
    const first = { person: "ito", name: "ITO", at: from.now };
    from.now += 1;
    expect(from.refusal(desk, { ...press, transfer: "t2" })).toMatchObject({ code: "entry_taken", first });
    for (const name of ["queue.call", "queue.hold", "queue.resume", "queue.noShow"] as const) {
      expect(from.refusal(desk, { name, entry })).toMatchObject({ code: "entry_taken", first });
    }
    const moved = { name: "queue.move", entry, before: null, reason: "x" } as const;
    expect(from.ask(desk, moved)).toBe("entry_taken");
  });

  it("does not arrive twice, however often it is asked", () => {
    const { from, to } = underWay();
    const errand = only(from);
    expect(deliver(errand, to)).toEqual({ ok: true });
    expect(deliver(errand, to)).toEqual({ ok: true });
    expect(to.ask(anna, { name: "queue.leave" })).toBe("left");
    expect(deliver(errand, to)).toEqual({ ok: true });
    // Also where the request itself is not known again.
    expect(deliver({ ...errand, id: "another-request" }, to)).toEqual({ ok: true });
    expect(to.line).toEqual([]);
  });

  it("comes back to its place when the target refuses, once that can no longer let it in", () => {
    const { from, to } = underWay();
    to.ask(desk, { name: "queue.close" });
    const early = only(from);
    const outcome = deliver(early, to);
    expect(outcome).toMatchObject({ ok: false, rejection: { code: "queue_closed" } });
    expect(settle(from, early, outcome)).toBe("queue.recalled");
    expect(from.entry(anna)).toMatchObject({ status: "leaving", returned: "queue_closed" });
    const back = only(from);
    expect(back.name).toBe("queue.decline");
    expect(deliver(back, to)).toEqual({ ok: true });
    expect(settle(from, back, { ok: true })).toBe("queue.returned");
    expect(from.line).toEqual(["anna", "ben"]);
    expect(from.entry(anna)).toMatchObject({ status: "waiting", leaving: null, returned: "queue_closed" });

    // An earlier request that was still on its way finds the queue open now.
    to.ask(desk, { name: "queue.open" });
    expect(deliver(early, to)).toMatchObject({ ok: false, rejection: { code: "entry_gone" } });
    expect(to.line).toEqual([]);
  });

  it("is called back when there is no answer in time, and then never arrives", () => {
    const { from, to } = underWay();
    const early = only(from);
    expect(from.pass(30_000)).toEqual(["recalled"]);
    to.now = from.now;
    const back = only(from);
    expect(back).toMatchObject({ name: "queue.decline", payload: { transfer: "t1" } });
    expect(settle(from, back, deliver(back, to))).toBe("queue.returned");
    expect(from.entry(anna)).toMatchObject({ status: "waiting", returned: "unavailable" });
    expect(deliver(early, to)).toMatchObject({ ok: false });
    expect(to.line).toEqual([]);
  });

  it("is not called back any more once it has arrived", () => {
    const { from, to } = underWay();
    deliver(only(from), to);
    from.pass(30_000);
    const back = only(from);
    const outcome = deliver(back, to);
    expect(outcome).toMatchObject({ ok: false, rejection: { code: "already_exists" } });
    expect(settle(from, back, outcome)).toBe("queue.left");
    expect(to.line).toEqual(["anna"]);
    expect(from.line).toEqual(["ben"]);
  });

  it("waits for the answer to the call back, whatever is heard late of the first request", () => {
    const { from, to } = underWay();
    const early = only(from);
    from.pass(30_000);
    expect(settle(from, early, refused("queue_closed"))).toBe("");
    expect(from.entry(anna)?.status).toBe("leaving");
    deliver(early, to);
    expect(settle(from, early, { ok: true })).toBe("queue.left");
  });

  it("is called back for as long as it takes, ever more rarely, each time anew", () => {
    const { from } = underWay();
    const start = from.now;
    const tries: number[] = [];
    while (tries.length < 12) {
      const due = from.room.due;
      if (!due) throw new Error("nothing is due");
      from.now = due.at;
      if (from.fire().includes("recalled")) tries.push((from.now - start) / 1_000);
    }
    expect(tries).toEqual([30, 60, 120, 240, 480, 960, 1_920, 5_520, 9_120, 12_720, 16_320, 19_920]);
    expect(from.room.faults).toEqual([]);
    expect(from.entry(anna)?.leaving?.tries).toBe(12);
  });

  it("forgets a settlement that comes again, or of another transfer", () => {
    const { from, to, press } = underWay();
    const first = only(from);
    from.pass(30_000);
    const back = only(from);
    settle(from, back, deliver(back, to));
    expect(from.ask(ito, { ...press, transfer: "t2" })).toBe("leaving");
    expect(settle(from, first, { ok: true })).toBe("");
    expect(settle(from, first, refused("unavailable"))).toBe("");
    expect(from.entry(anna)).toMatchObject({
      status: "leaving",
      leaving: { transfer: "t2", phase: "going" },
    });
  });

  it("is refused by a queue in which the patient has a place, or from which they were admitted", () => {
    const { from, to } = underWay();
    to.join(anna);
    expect(deliver(only(from), to)).toMatchObject({ rejection: { code: "already_exists" } });
    const entry = to.entry(anna)?.id ?? "";
    to.ask(ito, { name: "queue.admit", entry, transfer: "t9", visit: "v", clinician: null });
    settle(to, only(to), { ok: true });
    expect(to.state.admitted).toMatchObject({ anna: { visit: "v" } });
    expect(deliver(only(from), to)).toMatchObject({ rejection: { code: "already_admitted" } });
  });

  it("keeps who is away away, and does not forget it on the way back", () => {
    const { from, to } = underWay();
    settle(from, only(from), { ok: true });
    const entry = from.entry(ben)?.id ?? "";
    from.ask(engine, { name: "queue.presence", person: "ben", online: false });
    from.pass(3 * minute);
    expect(from.entry(ben)?.status).toBe("away");
    from.ask(desk, { name: "queue.transfer", entry, transfer: "t2", to: "eyes", known: true });
    from.pass(30_000);
    const back = only(from);
    settle(from, back, deliver(back, to));
    expect(from.entry(ben)).toMatchObject({ status: "away", awaySince: from.now });
    expect(from.pass(30 * minute)).toEqual(["left"]);
    expect(from.room.faults).toEqual([]);
  });

  it("comes back to a queue that was cleared meanwhile, and is cleared later", () => {
    const { from, to } = underWay();
    from.ask(desk, { name: "queue.close" });
    const cleared = from.state.clearAt ?? 0;
    const done = from.pass(cleared - from.now);
    expect(done.filter((type) => type === "left")).toHaveLength(1);
    expect(from.line).toEqual(["anna"]);
    const back = only(from);
    settle(from, back, deliver(back, to));
    expect(from.line).toEqual(["anna"]);
    from.pass(2 * 60 * minute);
    expect(from.line).toEqual([]);
    expect(from.state.departed.at(-1)).toMatchObject({ patient: "anna", how: "closed" });
    expect(from.state.clearAt).toBeNull();
  });

  it("there and back again is a new entry each time, also for the deadlines", () => {
    const { from, to } = underWay();
    const go = (here: PlayedQueue, there: PlayedQueue, transfer: string) => {
      const entry = here.entry(anna)?.id ?? "";
      const where = there === to ? "eyes" : "desk";
      here.ask(ito, { name: "queue.transfer", entry, transfer, to: where, known: true });
      const errand = only(here);
      settle(here, errand, deliver(errand, there));
    };
    settle(from, only(from), deliver(only(from), to));
    from.now += 2 * 60 * minute;
    to.now = from.now;
    // Nobody's clock moves on: every long wait is due at the very same moment.
    for (let i = 0; i < 3; i += 1) {
      expect(to.pass(0)).toContain("longWait");
      go(to, from, `back-${i}`);
      expect(from.pass(0)).toContain("longWait");
      go(from, to, `there-${i}`);
    }
    expect([...from.room.faults, ...to.room.faults]).toEqual([]);
  });

  it("remembers a bounded number of transfers", () => {
    const queue = new PlayedQueue();
    for (let i = 0; i < transferLimit + 50; i += 1) {
      queue.ask(engine, { name: "queue.decline", transfer: `t${i}` });
    }
    expect(queue.state.declined).toHaveLength(transferLimit);
    expect(queue.ask(engine, { name: "queue.decline", transfer: `t${transferLimit + 49}` })).toBe("nothing");
  });
});

describe("an admission", () => {
  /** Anna is on the way to a visit, and its answer is lost. */
  function lost() {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    const press = { name: "queue.admit", entry, transfer: "t1", visit: "v", clinician: null } as const;
    expect(queue.ask(ito, press)).toBe("leaving");
    return { queue, entry, press };
  }
  const about = { patient: "anna", visit: "v" } as const;
  const used = { name: "queue.used", transfer: "t1", ...about } as const;
  const served = {
    name: "queue.served",
    transfer: "t1",
    clinician: "ito",
    ms: 10 * minute,
    ...about,
  } as const;

  it("is over once the visit has the patient: the clinician is in it, and the patient is told where", () => {
    const { queue, entry } = lost();
    expect(only(queue)).toMatchObject({
      to: { kind: "consultation", id: "v" },
      name: "visit.arrive",
      make: { subject: "anna" },
    });
    expect(settle(queue, only(queue), { ok: true })).toBe("queue.left");
    expect(queue.state.admitted).toEqual({ anna: { visit: "v", entry, at: queue.now } });
    expect(queue.state.duty.ito).toMatchObject({ status: "in_visit", visit: "v", since: queue.now });
    const again = {
      name: "queue.join",
      entry: "e2",
      reason: "",
      language: null,
      needs: [],
      visit: null,
    } as const;
    expect(queue.ask(anna, again)).toBe("already_admitted");
    expect(queue.ask(engine, { ...used, visit: "another" })).toBe("nothing");
    expect(queue.ask(engine, used)).toBe("used");
    expect(queue.ask(engine, used)).toBe("nothing");
    expect(queue.state.admitted).toEqual({});
    expect(queue.ask(anna, again)).toBe("joined");
    queue.now += 10 * minute;
    expect(queue.ask(engine, served)).toBe("served");
    expect(queue.state.duty.ito).toMatchObject({ status: "available", visit: null, since: queue.now });
    expect(queue.state.services).toEqual([10 * minute]);
  });

  it("is proven by whatever the visit tells, where its answer was lost", () => {
    const come = lost();
    expect(come.queue.ask(engine, used)).toBe("left used");
    expect(come.queue.line).toEqual([]);
    expect(come.queue.state.admitted).toEqual({});
    expect(come.queue.room.errands).toEqual([]);

    const over = lost();
    expect(over.queue.ask(engine, served)).toBe("left served");
    expect(over.queue.state).toMatchObject({ admitted: {}, duty: { ito: { status: "available" } } });
    expect(over.queue.state.tallies.at(-1)).toMatchObject({ admitted: 1 });
  });

  it("puts nobody on duty who does not run the queue, or no longer does", () => {
    const { queue } = lost();
    queue.ask(desk, { name: "queue.staff", person: "ito", on: false, personName: null });
    settle(queue, only(queue), { ok: true });
    expect(queue.state.admitted).toHaveProperty("anna");
    expect(queue.state.duty).toEqual({});
  });

  it("is not proven by what a visit tells of an earlier one", () => {
    const { queue } = lost();
    expect(queue.ask(engine, { ...used, transfer: "t0" })).toBe("nothing");
    expect(queue.ask(engine, { ...served, transfer: "t0" })).toBe("served");
    expect(queue.entry(anna)?.status).toBe("leaving");
  });

  it("goes to a new visit when the one that was planned is over", () => {
    const queue = new PlayedQueue();
    const entry = queue.join(anna, { visit: "planned" });
    const press = { name: "queue.admit", entry, transfer: "t1", visit: "v", clinician: null } as const;
    queue.ask(ito, press);
    expect(only(queue).to.id).toBe("planned");
    const ended = { ok: false, rejection: { code: "visit_ended", message: "" } } as const;
    settle(queue, only(queue), ended);
    expect(settle(queue, only(queue), { ok: true })).toBe("queue.returned");
    expect(queue.entry(anna)).toMatchObject({ returned: "visit_ended", visit: null });
    queue.ask(ito, { ...press, transfer: "t2" });
    expect(only(queue).to.id).toBe("v");
  });

  it("frees whoever was in the visit, also when it passed to a colleague, or came back to the queue", () => {
    const { queue } = lost();
    settle(queue, only(queue), { ok: true });
    queue.ask(engine, used);
    const entry = queue.join(anna, { visit: "v" });
    const again = { name: "queue.admit", entry, transfer: "t2", visit: "w", clinician: "abe" } as const;
    queue.ask(desk, again);
    settle(queue, only(queue), { ok: true });
    expect(queue.state.duty).toMatchObject({
      ito: { status: "available", visit: null },
      abe: { status: "in_visit", visit: "v" },
    });
    queue.ask(engine, { ...served, transfer: "t2", clinician: "mori" });
    expect(queue.state.duty).toMatchObject({ abe: { status: "available", visit: null } });
  });
});
